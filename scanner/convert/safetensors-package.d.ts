/** The part of the `safetensors` package (which ships without types) that verification uses. */
declare module 'safetensors' {
  interface SafeTensorEntry {
    dtype: string;
    shape: number[];
    /** Half open, counted from the start of the file. */
    data_offsets: [number, number];
  }
  class SafeTensor {
    constructor(buffer: Uint8Array);
    readonly metadata: Map<string, SafeTensorEntry>;
  }
  const library: { SafeTensor: typeof SafeTensor };
  export default library;
  export type { SafeTensor, SafeTensorEntry };
}
