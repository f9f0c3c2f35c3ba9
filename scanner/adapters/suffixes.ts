/** How a module of an adapter changes its layer. The names are those of LyCORIS. */
export type AdapterKind = 'lora' | 'loha' | 'lokr' | 'ia3' | 'glora' | 'oft' | 'full' | 'set' | 'norm';

/** A tensor of an adapter: which module it belongs to, and as what. */
export interface AdapterPart {
  /** The module's name, as in the file. */
  module: string;
  /** Null where the part comes with modules of any kind (`alpha`, `dora`). */
  kind: AdapterKind | null;
  part: string;
}

type Row = readonly [suffix: RegExp, kind: AdapterKind | null, part: string];

/**
 * Suffixes by what writes them: kohya, PEFT, diffusers, XLabs, Fooocus and Forge, LyCORIS, ComfyUI. `part` is empty where
 * the suffix has it. All who read adapters read them by this table.
 */
const ROWS: readonly Row[] = [
  [/\.lora_down\.weight$/, 'lora', 'down'],
  [/\.lora_up\.weight$/, 'lora', 'up'],
  [/\.lora_mid\.weight$/, 'lora', 'mid'],
  // PEFT writes the name of the adapter between, `default` where nobody chose one.
  [/\.lora_A(?:\.[A-Za-z_]\w*?)??(?:\.weight)?$/, 'lora', 'down'],
  [/\.lora_B(?:\.[A-Za-z_]\w*?)??(?:\.weight)?$/, 'lora', 'up'],
  [/(?:_lora|\.lora|\.lora_linear_layer)\.down\.weight$/, 'lora', 'down'],
  [/(?:_lora|\.lora|\.lora_linear_layer)\.up\.weight$/, 'lora', 'up'],
  // XLabs numbers those of pictures and of text.
  [/(?<=_lora\d)\.down\.weight$/, 'lora', 'down'],
  [/(?<=_lora\d)\.up\.weight$/, 'lora', 'up'],
  [/(?:\.weight)?::lora::0$/, 'lora', 'up'],
  [/(?:\.weight)?::lora::1$/, 'lora', 'down'],
  [/(?:\.weight)?::diff::0$/, 'full', 'diff'],
  [/\.hada_(w1_a|w1_b|w2_a|w2_b|t1|t2)$/, 'loha', ''],
  [/\.lokr_(w1_a|w1_b|w2_a|w2_b|w1|w2|t2)$/, 'lokr', ''],
  [/\.(a1|a2|b1|b2|bm)\.weight$/, 'glora', ''],
  [/\.oft_blocks$/, 'oft', 'blocks'],
  [/\.oft_diag$/, 'oft', 'diag'],
  // PEFT and OneTrainer keep the numbers of a skew-symmetric matrix alone.
  [/\.oft_R(?:\.[A-Za-z_]\w*?)??(?:\.weight)?$/, 'oft', 'r'],
  [/\.rescale$/, null, 'rescale'],
  [/\.on_input$/, 'ia3', 'on_input'],
  [/\.(diff|diff_b)$/, 'full', ''],
  [/\.(w_norm|b_norm)$/, 'norm', ''],
  [/\.set_weight$/, 'set', 'set'],
  [/\.reshape_weight$/, null, 'reshape'],
  [/\.(?:dora_scale|magnitude)$/, null, 'dora'],
  [/\.lora_magnitude_vector(?:\.[A-Za-z_]\w*?)??(?:\.weight)?$/, null, 'dora'],
  [/\.alpha$/, null, 'alpha'],
];

/** What every suffix has in it: names without any of these are looked at no further. */
const MARK =
  /lora|hada_|lokr_|oft_|::diff|_norm$|dora_scale|\.(?:[ab][12m]\.weight|diff(?:_b)?|alpha|magnitude|rescale|on_input|\w+_weight)$/;

/** Nearly all names end like these, and a look-up costs less than patterns. */
const FREQUENT: ReadonlyMap<string, readonly [kind: AdapterKind | null, part: string]> = new Map([
  ['.lora_down.weight', ['lora', 'down']],
  ['.lora_up.weight', ['lora', 'up']],
  ['.lora_A.weight', ['lora', 'down']],
  ['.lora_B.weight', ['lora', 'up']],
]);

/** Which part of an adapter a tensor is; null for a tensor that is none. */
export function splitAdapterName(name: string): AdapterPart | null {
  if (name.endsWith('.alpha')) return { module: name.slice(0, -'.alpha'.length), kind: null, part: 'alpha' };
  const last = name.lastIndexOf('.');
  const cut = name.lastIndexOf('.', last - 1);
  const frequent = cut < 0 ? undefined : FREQUENT.get(name.slice(cut));
  if (frequent !== undefined) return { module: name.slice(0, cut), kind: frequent[0], part: frequent[1] };
  if (!MARK.test(name)) return null;
  for (const [suffix, kind, part] of ROWS) {
    const match = suffix.exec(name);
    if (match !== null) return { module: name.slice(0, match.index), kind, part: part || (match[1] ?? '') };
  }
  return null;
}
