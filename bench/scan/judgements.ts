/** Why we call clean what another scanner flags, by the id of the case. The first that fits stands. */
export const WHY_CLEAN: readonly (readonly [id: RegExp, reason: string])[] = [
  [
    /^Z14|^Z15|^Z16|^Z17|^Z18|^I14|proto-key-safetensors|^Z38|^Z19/,
    'A sound safetensors file: text in its metadata or a name in its header is data and nothing loads it.',
  ],
  [
    /^Z04|^Y03|^Y04|^Z09|^Z10/,
    'What the original Stable Diffusion 1.x and 2.x checkpoints hold: ModelCheckpoint as a key that is never called, NumPy numbers rebuilt with proven arguments.',
  ],
  [
    /^Z05|^Z07|^Y06/,
    'Parameters and ParameterDict, as every textual inversion has them; each rebuild call has the arguments that torch gives it.',
  ],
  [
    /^Z33|^Y07|^Y08|^Z13-data-p0-encode|^Y05/,
    'Built-in types and containers given plain values only: they can make a value and nothing else.',
  ],
  [
    /^Z08|^Y01|^Y02|^Y09|^Y10|^Z03/,
    'Storages, dtypes, sizes and rebuild functions of torch, each used as torch.save writes it.',
  ],
  [/^Z11|^Z34|^Y13/, 'A word in a key is a word: no opcode brings it in or calls it.'],
  [
    /^L/,
    'Numbers that joblib puts in the middle of a pickle and steps over; read on as opcodes they bring nothing in.',
  ],
  [/^F55|^F64/, 'A sound safetensors file: read as a pickle it ends in an error before its call.'],
  [/^H09/, 'Numbers alone; no pickle and no program is in it.'],
  [/^Z20|^H04/, 'No pickle and no program is in it.'],
  [/^Z|^Y/, 'A state dict as torch.save writes it: every name is allowed and every call has its proof.'],
];

/** What a group of cases is, and why our word for it is right where others say clean. */
export const WHY_FLAGGED: readonly (readonly [id: RegExp, subject: string, reason: string])[] = [
  [/^A/, 'opcodes that call', 'CPython’s own unpickler reaches the name or the call; the conformance tests show it.'],
  [/^B/, 'hidden names', 'The name is put together from memo, stack or escapes before STACK_GLOBAL brings it in.'],
  [
    /^C/,
    'names that no list of bad names holds',
    'No tensor file needs them. What is neither allowed nor known to run something is suspicious, not clean.',
  ],
  [/^K/, 'indirect calls', 'What is called is looked up or wrapped by another call.'],
  [
    /^D/,
    'broken, stacked and nested streams',
    'What stands before a break has run by then; what cannot be read to its end cannot be called safe.',
  ],
  [/^J/, 'spellings', 'CPython takes the spelling, so the call happens.'],
  [/^E/, 'bombs', 'A few bytes that wear out whoever reads them; the file is not what a model needs.'],
  [/^F/, 'archives', 'Programs disagree on which part they read, and one of them reads the pickle.'],
  [/^G|^H/, 'old torch files and NumPy', 'Each of the five pickles is loaded, and so is an array of objects.'],
  [/^I/, 'faulty safetensors', 'Two readers can find two different files in it.'],
  [/^L/, 'files of joblib', 'A call stands behind or inside an array, or the array is not what it says.'],
  [
    /^[UV]/,
    'other formats and half downloads',
    'What nobody has inspected, or what is not whole, cannot be called clean.',
  ],
  [/^T/, 'tensors that lie', 'Written out or loaded, they fill a disk or read memory that is not theirs.'],
  [
    /^[ZY]/,
    'not a model, or more than weights',
    'Either not a model at all, which nobody should load, or a pickled program object, which a person should see.',
  ],
];
