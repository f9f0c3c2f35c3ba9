/** Schemes of quantisers that keep several numbers in one, or numbers that only their own program scales back. */
const SCHEMES: ReadonlyMap<string, string> = new Map([
  ['svdquant', 'SVDQuant (Nunchaku)'],
  ['nvfp4', 'NVFP4'],
  ['mxfp4', 'MXFP4'],
  ['mxfp8', 'MXFP8'],
  ['nf4', 'NF4 (bitsandbytes)'],
  ['fp4', 'FP4 (bitsandbytes)'],
  ['llm-int8', 'int8 (bitsandbytes)'],
  ['int8', 'int8'],
]);

/** Why the built-in renderer cannot read weights of this precision, in a sentence for people; null where it can. */
export function explainQuantization(precision: readonly string[]): string | null {
  for (const [scheme, label] of SCHEMES)
    if (precision.includes(scheme))
      return `The weights are quantized as ${label}, which the built-in renderer does not support. Use an fp16 or bf16 version of the model.`;
  if (precision.includes('scaled'))
    return 'Scaled (quantized) tensors are not supported. Convert the model to fp16 first.';
  return null;
}
