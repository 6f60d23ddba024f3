const worker = new Worker("/web/in-worker.js", { type: "module" });
worker.onmessage = ({ data }) => {
  globalThis.results = data;
};
worker.onerror = ({ message }) => console.error(message);
