/** Fakes for those who test an agent: no network, no waiting. It holds neither the scanner nor its wasm. */
export { FakeClock } from "../testing/fake-clock.js";
export { type FakeJudge, fakeJudge } from "../testing/fake-judge.js";
export {
  type RecordedRequest,
  type RecordingFetch,
  recordingFetch,
  type ServedAllowance,
  type ServedPolicy,
} from "../testing/recording-fetch.js";
