/** Why we call clean what another scanner flags, by the id of the case. The first that fits stands. */
export const WHY_CLEAN: readonly (readonly [id: RegExp, reason: string])[] = [
  [
    /^Z14|^Z15|^Z16|^Z17|^Z18|^I14|proto-key-safetensors|^Z38|^Z19/,
    'A valid safetensors file: text in the metadata and names in the header are data, and nothing loads them.',
  ],
  [
    /^Z04|^Y03|^Y04|^Z09|^Z10/,
    'Content of the original Stable Diffusion 1.x and 2.x checkpoints: ModelCheckpoint as a key that is never called, and NumPy numbers rebuilt with verified arguments.',
  ],
  [
    /^Z05|^Z07|^Y06/,
    'Parameters and ParameterDict, as in every textual inversion; each rebuild call has the arguments that torch writes.',
  ],
  [
    /^Z33|^Y07|^Y08|^Z13-data-p0-encode|^Y05/,
    'Built-in types and containers with plain values only: they can only create a value.',
  ],
  [
    /^Z08|^Y01|^Y02|^Y09|^Y10|^Z03/,
    'Storages, dtypes, sizes and rebuild functions of torch, each used as torch.save writes it.',
  ],
  [/^Z11|^Z34|^Y13/, 'A word in a key is data: no opcode imports or calls it.'],
  [/^L/, 'Array data that joblib writes in the middle of a pickle and skips; read as opcodes, it imports nothing.'],
  [/^E15/, 'The index in the memo is within what a pickler of such a file writes.'],
  [/^F60/, 'A text in an archive, which no loader reads as a pickle.'],
  [
    /^M/,
    'Each entry is read in full and is harmless by its content: text, plain JSON, a picture, a tokenizer or weights.',
  ],
  [/^P/, 'Every argument and state is what the library itself writes, and every size fits the bytes.'],
  [/^F55|^F64/, 'A valid safetensors file: read as a pickle, it fails before the call.'],
  [/^H09/, 'Only numbers, without a pickle or code.'],
  [/^Z20|^H04/, 'It contains no pickle and no code.'],
  [/^Z|^Y/, 'A state dict as torch.save writes it: every name is allowed and every call is verified.'],
];

/** What a group of cases is, and why our word for it is right where others say clean. */
export const WHY_FLAGGED: readonly (readonly [id: RegExp, subject: string, reason: string])[] = [
  [/^A/, 'opcodes that call', 'CPython’s own unpickler reaches the name or the call, as the conformance tests show.'],
  [/^B/, 'hidden names', 'The name is computed from memo, stack or escapes before STACK_GLOBAL imports it.'],
  [
    /^C/,
    'names that are on no deny list',
    'Model files do not need them. Objects that are neither allowed nor known to be dangerous are suspicious, not clean.',
  ],
  [/^K/, 'indirect calls', 'The called object is looked up or wrapped by another call.'],
  [
    /^D/,
    'broken, stacked and nested streams',
    'Code before the damage has already run; a file that cannot be read completely cannot be called safe.',
  ],
  [
    /^M/,
    'entries of archives',
    'A program, a script or the code of a framework beside the weights; what is not inspected cannot be called clean.',
  ],
  [
    /^P/,
    'arguments, states and sizes',
    'An allowed name with arguments, a state or sizes that no library writes: loaded or accessed, the numbers of the file are used as addresses, or a few bytes fill the memory.',
  ],
  [/^J/, 'spellings', 'CPython accepts the spelling, so the call runs.'],
  [/^E/, 'bombs', 'Resource exhaustion by a few bytes, which a model does not need.'],
  [/^F/, 'archives', 'Different programs read different entries, and one of them reads the pickle.'],
  [/^G|^H/, 'old torch files and NumPy', 'Each of the five pickles is loaded, and so is an array of objects.'],
  [/^I/, 'faulty safetensors', 'Different programs may read different data from it.'],
  [/^L/, 'files of joblib', 'A call is after or inside an array, or the array description is wrong.'],
  [
    /^[UV]/,
    'other formats and incomplete downloads',
    'Files that were not scanned or are incomplete cannot be called clean.',
  ],
  [/^T/, 'tensors with false sizes', 'Written out or loaded, they fill the disk or read memory outside their storage.'],
  [
    /^[ZY]/,
    'not a model, or more than weights',
    'Either not a model, or a pickled Python object that needs a manual review.',
  ],
];
