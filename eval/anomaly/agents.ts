import type { ObservedCall } from "../../js/src/anomaly/anomalies.js";
import { type Random, seeded } from "../random.js";

/** A call and when it is made, in milliseconds from the beginning. */
export interface TimedCall extends ObservedCall {
  readonly atMs: number;
  readonly isBlocked: boolean;
}

interface Tool {
  readonly name: string;
  readonly weight: number;
  /** Of the logarithm of its arguments' size. */
  readonly mean: number;
  readonly deviation: number;
}

const MINUTE_MS = 60_000;

/**
 * A made-up agent that works for somebody: in sessions, in a rhythm of its own, with tools of which it uses few often and some
 * hardly ever. Now and then it adopts a tool, is interrupted, is blocked, or reads something that looks suspicious.
 */
export class Agent {
  readonly #id: string;
  readonly #random: Random;
  readonly #callsPerMinute: number;
  readonly #tools: Tool[];
  #atMs = 0;
  #session = 0;
  #left = 0;

  constructor(seed: number) {
    this.#id = `agent-${seed}`;
    this.#random = seeded(seed);
    this.#callsPerMinute = Math.exp(this.#normal() * 1.2 + 0.7);
    const count = 3 + Math.floor(this.#random() * 18);
    this.#tools = Array.from({ length: count }, (_, rank) => this.#tool(1 / (rank + 1)));
  }

  /** Its next call. */
  honest(): TimedCall {
    if (this.#random() < 1 / 5_000) this.#tools.push(this.#tool(0.2));
    if (this.#left === 0) this.#begin();
    this.#left -= 1;
    return this.#call(this.#callsPerMinute, this.#pick(), 1, this.#someRisk());
  }

  /** A call of an agent in a loop, or in other hands. */
  hurried(): TimedCall {
    return this.#call(this.#callsPerMinute * 20 + 60, this.#pick(), 1, 0);
  }

  /** A call of a tool that it never used. */
  strange(): TimedCall {
    return this.#call(this.#callsPerMinute, this.#tool(1), 1, 0);
  }

  /** A call that carries twenty times as much as usual, and at least some pages. */
  swollen(): TimedCall {
    const call = this.#call(this.#callsPerMinute, this.#pick(), 20, 0);
    return { ...call, size: Math.max(call.size ?? 0, 4_000) };
  }

  /**
   * A call of a session in which risk grows slowly.
   *
   * @param step how many came before
   */
  creeping(step: number): TimedCall {
    return this.#call(this.#callsPerMinute, this.#pick(), 1, Math.min(0.6, 0.04 * step));
  }

  /** Begins a session of its own after a pause: minutes, sometimes a night. */
  #begin(): void {
    this.#session += 1;
    this.#left = 1 + Math.floor(this.#exponential() * 40);
    this.#atMs += this.#exponential() * 20 * MINUTE_MS + (this.#random() < 0.05 ? 12 * 60 * MINUTE_MS : 0);
  }

  #call(callsPerMinute: number, tool: Tool, times: number, risk: number): TimedCall {
    this.#atMs += (this.#exponential() * MINUTE_MS) / callsPerMinute;
    const size = Math.round(Math.exp(tool.mean + tool.deviation * this.#normal()) * times);
    const isBlocked = this.#random() < 0.002;
    const who = { agentId: this.#id, sessionId: `${this.#id}/${this.#session}` };
    return { ...who, tool: tool.name, size, risk, isBlocked, atMs: this.#atMs };
  }

  #someRisk(): number {
    return this.#random() < 0.01 ? 0.35 + 0.3 * this.#random() : 0;
  }

  #tool(weight: number): Tool {
    const name = `tool-${Math.floor(this.#random() * 1e9)}`;
    return { name, weight, mean: 3 + 4 * this.#random(), deviation: 0.3 + 0.9 * this.#random() };
  }

  #pick(): Tool {
    let left = this.#random() * this.#tools.reduce((sum, { weight }) => sum + weight, 0);
    const chosen = this.#tools.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
    return chosen ?? this.#tool(1);
  }

  #exponential(): number {
    return -Math.log(1 - this.#random());
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
  }
}
