/** What a rule is called and what it means to a person. */
export interface Rule {
  title: string;
  meaning: string;
}

const table = {
  'pickle/global-dangerous': [
    'Brings in something that runs programs',
    'Python would import it while loading the file, and call it where a call is shown. Do not load the file.',
  ],
  'pickle/global-unknown': [
    'Needs an unknown Python object',
    'Tensor files need about seventy objects, and this is none of them. It may be fine; a person must look.',
  ],
  'pickle/global-known-class': [
    'Needs a Python program object',
    'It is known from training files and whole pickled models. Weights alone do not need it.',
  ],
  'pickle/global-misused': [
    'Calls a harmless object in a harmful or odd way',
    'The object itself is usual in tensor files, but not with these arguments.',
  ],
  'pickle/import-computed': [
    'Hides which object it brings in',
    'The name is made while loading instead of being written in the file.',
  ],
  'pickle/extension': [
    'Brings in an object by number',
    'The number stands for an object that only the loading program knows.',
  ],
  'pickle/call-computed': [
    'Calls something made while loading',
    'What is called is itself the result of a call. Tensor files never do that.',
  ],
  'pickle/odd-call': ['A call without a list of arguments', 'Picklers always write one.'],
  'pickle/build-misused': [
    'Changes an object it should not',
    'Setting attributes on a class, a module or a finished value can make the loader run something.',
  ],
  'pickle/item-misused': [
    'Puts entries into something that takes none',
    'A loader would call whatever the object does for an entry.',
  ],
  'pickle/persistent-id': [
    'Refers to something outside the file',
    'Only the numbers of tensors are referred to in tensor files.',
  ],
  'pickle/nested': ['Holds another pickle as data', 'It does nothing by itself; another program may load it.'],
  'pickle/buffer': ['Expects data from elsewhere', 'Such a pickle cannot be loaded from a file alone.'],
  'pickle/protocol': ['Odd pickle version', 'The version is unknown or stands in the wrong place.'],
  'pickle/odd-number': ['Oddly written number', 'Programs read such a spelling in different ways.'],
  'pickle/odd-text': ['Oddly written text', 'Programs read such a spelling in different ways.'],
  'pickle/odd-memo': ['Remembers one value over and over', 'It only wears a reader out.'],
  'pickle/leftover': [
    'Leaves values lying',
    'Picklers use every value that they make; people who edit pickles do not.',
  ],
  'pickle/nesting': ['Values nested very deep', 'It only wears a reader out.'],
  'pickle/expansion': ['Grows beyond measure', 'A few bytes stand for more values than fit a computer.'],
  'pickle/truncated': ['Ends too early', 'Probably a broken download. What was there was checked.'],
  'pickle/unknown-opcode': ['Cannot be read on', 'The bytes are no pickle from here on.'],
  'pickle/broken': ['Contradicts itself', 'A loader would stop here with an error.'],
  'pickle/frame': ['Sections that do not fit', 'Programs disagree on how to read it.'],
  'pickle/trailing': ['Bytes behind the contents', 'They belong to nothing that a loader reads.'],
  'pickle/loose-import': [
    'Names a dangerous object in bytes that cannot be read',
    'Perhaps the rest of an attack, perhaps of a broken file.',
  ],
  'pickle/limit': ['Not read to its end', 'The file needs more time or memory than a scan may take.'],
  'zip/duplicate-name': ['Two parts with one name', 'Programs disagree on which one they read.'],
  'zip/name-mismatch': ['A part with two names', 'Programs disagree on which one they read.'],
  'zip/unsafe-name': ['A part that leaves its folder', 'Unpacking it could overwrite other files.'],
  'zip/encrypted': ['Encrypted part', 'It cannot be inspected.'],
  'zip/unknown-method': ['Unknown packing', 'It cannot be inspected.'],
  'zip/size-mismatch': ['A size that is not true', 'Programs disagree on how much they read.'],
  'zip/headers-differ': [
    'Headers that differ',
    'The archive describes a part in two ways, and programs disagree on which one they believe.',
  ],
  'zip/checksum': ['Wrong checksum', 'The part was changed or is damaged.'],
  'zip/expansion': ['Unpacks to far more than it is', 'It only wears a reader out.'],
  'zip/overlap': ['Parts that lie over each other', 'No honest program writes such an archive.'],
  'zip/data-before': ['Bytes before the archive', 'Another file may hide there.'],
  'zip/data-between': ['Bytes between the parts', 'Another file may hide there.'],
  'zip/data-after': ['Bytes behind the archive', 'Another file may hide there.'],
  'zip/unreadable': ['Cannot be unpacked', 'The archive is damaged or cut off.'],
  'zip/several-roots': ['More than one list of contents', 'Programs disagree on which one they load.'],
  'zip/program': ['Holds program code', 'Weights need none.'],
  'zip/storage-is-pickle': ['Numbers that are a pickle', 'Nothing loads them as one; it is odd all the same.'],
  'safetensors/malformed': ['Breaks the rules of safetensors', 'Programs could read two different files from it.'],
  'torch/header': ['Not as torch.save writes it', 'The first parts of the file are not what they must be.'],
  'torch/trailing': ['Bytes behind the tensors', 'They belong to nothing that a loader reads.'],
  'torch/unreadable': ['Tensors that are not there', 'The file is cut off or contradicts itself.'],
  'torch/big-endian': ['Numbers in the other byte order', 'The file comes from another kind of machine.'],
  'tensor/out-of-bounds': [
    'A tensor beyond its numbers',
    'A loader would read memory that is none of its business, or stop.',
  ],
  'tensor/expansion': ['A tensor far larger than its numbers', 'Written out it would fill a disk.'],
  'container/not-a-model': ['Not a model', 'The file is something else.'],
  'container/malformed': ['Cannot be read', 'The file is damaged or cut off.'],
  'container/out-of-scope': ['A format that is not inspected', 'Nobody has checked it.'],
  'container/wrong-extension': [
    'Not what its name says',
    'Programs that go by the name would load it in the wrong way.',
  ],
  'container/packed': ['Packed where nothing unpacks it', 'A known way to hide from scanners.'],
  'container/too-deep': ['Archives inside archives', 'What is inside was not checked.'],
  'container/too-large': ['Too large to be inspected', 'What is inside was not checked.'],
  'file/unreadable': ['Cannot be opened', 'Nothing of it was checked.'],
  'container/time': ['Took too long', 'What is left was not checked.'],
} satisfies Record<string, readonly [string, string]>;

export type RuleId = keyof typeof table;

/** Every rule by its stable id. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries(table).map(([id, [title, meaning]]) => [id, { title, meaning }]),
);
