import { parseNumber } from './number-option.ts';

/** `--lora <file[:weight[,text]]>`. */
export interface LoraOption {
  path: string;
  weight: number;
  /** For the text encoder, where it differs. */
  textWeight?: number;
}

/** `file`, `file:0.8` or `file:0.8,0.5`. A file's own name may have colons. */
export function addLora(text: string, others: LoraOption[]): LoraOption[] {
  const [, path = text, weight, textWeight] = /^(.+):(-?[\d.]+)(?:,(-?[\d.]+))?$/.exec(text) ?? [];
  const lora: LoraOption = { path, weight: weight === undefined ? 1 : parseNumber(weight) };
  if (textWeight !== undefined) lora.textWeight = parseNumber(textWeight);
  return [...others, lora];
}
