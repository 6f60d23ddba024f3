declare module "*.wasm" {
  const wasm: WebAssembly.Module;
  export default wasm;
}

declare module "*.wasm?module" {
  const wasm: WebAssembly.Module;
  export default wasm;
}

declare module "*.wasm?base64" {
  const base64: string;
  export default base64;
}

declare module "*.bin" {
  const bytes: ArrayBuffer;
  export default bytes;
}
