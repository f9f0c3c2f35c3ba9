import type { Severity } from './severity.ts';

/**
 * Date of the rules that a verdict rests on. It changes whenever a file could get another verdict than before: the
 * catalog judges what is older anew. A second change on one day adds `.2` to the date, up to `.9`, and then `.91`: it is
 * compared as text.
 */
export const RULES_VERSION = '2026-11-30';

/** What a rule is called, what it means to a person, and how much its findings can weigh. */
export interface Rule {
  title: string;
  meaning: string;
  /** Every severity that a finding of it can have, in rising order. */
  severities: readonly Severity[];
}

const table = {
  'pickle/global-dangerous': [
    'Brings in something that runs programs',
    'Python would import it while loading the file, and call it where a call is shown. Do not load the file.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/global-unknown': [
    'Needs an unknown Python object',
    'Tensor files need about seventy objects, and this is none of them. It may be fine; a person must look.',
    ['suspicious'],
  ],
  'pickle/global-known-class': [
    'Needs a Python program object',
    'It is known from training files and whole pickled models. Weights alone do not need it.',
    ['suspicious'],
  ],
  'pickle/global-misused': [
    'Calls a harmless object in a harmful or odd way',
    'The object itself is usual in tensor files, but not with these arguments.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/import-computed': [
    'Hides which object it brings in',
    'The name is made while loading instead of being written in the file.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/extension': [
    'Brings in an object by number',
    'The number stands for an object that only the loading program knows.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/call-computed': [
    'Calls something made while loading',
    'What is called is itself the result of a call. Tensor files never do that.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/odd-call': ['A call without a list of arguments', 'Picklers always write one.', ['suspicious']],
  'pickle/build-misused': [
    'Changes an object it should not',
    'Setting attributes on a class, a module or a finished value can make the loader run something.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/item-misused': [
    'Puts entries into something that takes none',
    'A loader would call whatever the object does for an entry.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/persistent-id': [
    'Refers to something outside the file',
    'Only the numbers of tensors are referred to in tensor files.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/nested': [
    'Holds another pickle as data',
    'It does nothing by itself; another program may load it.',
    ['suspicious'],
  ],
  'pickle/buffer': ['Expects data from elsewhere', 'Such a pickle cannot be loaded from a file alone.', ['suspicious']],
  'pickle/protocol': ['Odd pickle version', 'The version is unknown or stands in the wrong place.', ['suspicious']],
  'pickle/odd-number': ['Oddly written number', 'Programs read such a spelling in different ways.', ['suspicious']],
  'pickle/odd-text': ['Oddly written text', 'Programs read such a spelling in different ways.', ['suspicious']],
  'pickle/odd-memo': ['Remembers one value over and over', 'It only wears a reader out.', ['suspicious']],
  'pickle/leftover': [
    'Leaves values lying',
    'Picklers use every value that they make; people who edit pickles do not.',
    ['suspicious'],
  ],
  'pickle/nesting': ['Values nested very deep', 'It only wears a reader out.', ['suspicious']],
  'pickle/expansion': [
    'Grows beyond measure',
    'A few bytes stand for more values than fit a computer.',
    ['suspicious'],
  ],
  'pickle/truncated': [
    'Ends too early',
    'Probably a broken download. What was there was checked.',
    ['suspicious', 'malformed'],
  ],
  'pickle/unknown-opcode': ['Cannot be read on', 'The bytes are no pickle from here on.', ['suspicious', 'malformed']],
  'pickle/broken': ['Contradicts itself', 'A loader would stop here with an error.', ['suspicious', 'malformed']],
  'pickle/frame': ['Sections that do not fit', 'Programs disagree on how to read it.', ['suspicious', 'malformed']],
  'pickle/array': [
    'An array that is not as joblib writes it',
    'Its numbers stand in the middle of the pickle, and where they end cannot be told for certain.',
    ['suspicious', 'malformed'],
  ],
  'pickle/trailing': ['Bytes behind the contents', 'They belong to nothing that a loader reads.', ['suspicious']],
  'pickle/loose-import': [
    'Names a dangerous object in bytes that cannot be read',
    'Perhaps the rest of an attack, perhaps of a broken file.',
    ['suspicious'],
  ],
  'pickle/limit': [
    'Not read to its end',
    'The file needs more time or memory than a scan may take.',
    ['suspicious', 'incomplete'],
  ],
  'zip/duplicate-name': ['Two parts with one name', 'Programs disagree on which one they read.', ['dangerous']],
  'zip/name-mismatch': ['A part with two names', 'Programs disagree on which one they read.', ['dangerous']],
  'zip/unsafe-name': ['A part that leaves its folder', 'Unpacking it could overwrite other files.', ['suspicious']],
  'zip/encrypted': ['Encrypted part', 'It cannot be inspected.', ['suspicious']],
  'zip/unknown-method': ['Unknown packing', 'It cannot be inspected.', ['suspicious']],
  'zip/size-mismatch': ['A size that is not true', 'Programs disagree on how much they read.', ['suspicious']],
  'zip/method-mismatch': ['Packed in two ways', 'Programs disagree on how they unpack the part.', ['suspicious']],
  'zip/flag-mismatch': ['Two sets of flags', 'Programs disagree on whether they can read the part.', ['suspicious']],
  'zip/checksum-mismatch': ['Two checksums for one part', 'The archive was changed by hand.', ['suspicious']],
  'zip/count-mismatch': [
    'A number of parts that is not true',
    'Programs disagree on how many they read.',
    ['suspicious'],
  ],
  'zip/zip64-mismatch': [
    'End records that differ',
    'The archive has one end record for small and one for large files, and they do not fit.',
    ['suspicious'],
  ],
  'zip/several-ends': ['More than one end', 'Programs disagree on which list of parts they follow.', ['suspicious']],
  'zip/end-in-comment': [
    'An end inside a comment',
    'Programs disagree on which list of parts they follow.',
    ['suspicious'],
  ],
  'zip/second-archive': ['A second archive', 'Programs disagree on which one they read.', ['suspicious']],
  'zip/odd-flag': ['Odd flag', 'Some programs refuse such a part and others read it.', ['suspicious']],
  'zip/nul-in-name': ['A name that ends early', 'Programs disagree on what the part is called.', ['suspicious']],
  'zip/symlink': ['A link instead of a file', 'Unpacking it could lead outside its folder.', ['suspicious']],
  'zip/checksum': ['Wrong checksum', 'The part was changed or is damaged.', ['suspicious']],
  'zip/expansion': ['Unpacks to far more than it is', 'It only wears a reader out.', ['suspicious']],
  'zip/overlap': ['Parts that lie over each other', 'No honest program writes such an archive.', ['malformed']],
  'zip/data-before': ['Bytes before the archive', 'Another file may hide there.', ['suspicious']],
  'zip/data-between': ['Bytes between the parts', 'Another file may hide there.', ['suspicious']],
  'zip/data-after': ['Bytes behind the archive', 'Another file may hide there.', ['suspicious']],
  'zip/unreadable': ['Cannot be unpacked', 'The archive is damaged or cut off.', ['malformed']],
  'zip/several-roots': ['More than one list of contents', 'Programs disagree on which one they load.', ['suspicious']],
  'zip/program': ['Holds program code', 'Weights need none.', ['suspicious']],
  'zip/storage-is-pickle': [
    'Numbers that are a pickle',
    'Nothing loads them as one; it is odd all the same.',
    ['suspicious'],
  ],
  'safetensors/malformed': [
    'Breaks the rules of safetensors',
    'Programs could read two different files from it.',
    ['malformed'],
  ],
  'torch/header': [
    'Not as torch.save writes it',
    'The first parts of the file are not what they must be.',
    ['suspicious'],
  ],
  'torch/trailing': ['Bytes behind the tensors', 'They belong to nothing that a loader reads.', ['suspicious']],
  'numpy/trailing': ['Bytes behind the numbers', 'They belong to nothing that a loader reads.', ['suspicious']],
  'torch/unreadable': ['Tensors that are not there', 'The file is cut off or contradicts itself.', ['malformed']],
  'torch/big-endian': [
    'Numbers in the other byte order',
    'The file comes from another kind of machine.',
    ['suspicious'],
  ],
  'tensor/out-of-bounds': [
    'A tensor beyond its numbers',
    'A loader would read memory that is none of its business, or stop.',
    ['malformed'],
  ],
  'tensor/expansion': ['A tensor far larger than its numbers', 'Written out it would fill a disk.', ['suspicious']],
  'container/not-a-model': ['Not a model', 'The file is something else.', ['malformed']],
  'container/unfinished': ['Half a download', 'The end of the file is still to come.', ['malformed']],
  'container/malformed': ['Cannot be read', 'The file is damaged or cut off.', ['malformed']],
  'container/out-of-scope': ['A format that is not inspected', 'Nobody has checked it.', ['incomplete']],
  'container/wrong-extension': [
    'Not what its name says',
    'Programs that go by the name would load it in the wrong way.',
    ['malformed', 'dangerous'],
  ],
  'container/packed': [
    'Packed where nothing unpacks it',
    'A known way to hide from scanners.',
    ['suspicious', 'dangerous'],
  ],
  'container/encrypted': ['Encrypted', 'What is inside cannot be checked without its password.', ['incomplete']],
  'container/two-formats': [
    'Two formats in one file',
    'Which one a program reads depends on the program, and one of them runs or brings in something.',
    ['suspicious', 'dangerous'],
  ],
  'container/too-deep': ['Archives inside archives', 'What is inside was not checked.', ['incomplete']],
  'container/too-large': ['Too large to be inspected', 'What is inside was not checked.', ['incomplete']],
  'file/unreadable': ['Cannot be opened', 'Nothing of it was checked.', ['incomplete']],
  'container/time': ['Took too long', 'What is left was not checked.', ['incomplete']],
  'policy/allowed': [
    'Allowed by your policy',
    'The rules would have asked a person to look at this Python object; the policy file names it as known and wanted.',
    ['note'],
  ],
  'policy/denied': [
    'Denied by your policy',
    'The policy file forbids this Python object, whatever the rules say.',
    ['dangerous'],
  ],
  'scan/more-findings': [
    'More findings than are listed',
    'It stands for all that are left out, and weighs as much as the heaviest of them.',
    ['incomplete', 'malformed', 'dangerous'],
  ],
  'scan/more-names': [
    'More Python objects than are listed',
    'A tensor file needs a handful. Those that are not listed were judged like the others.',
    ['incomplete'],
  ],
  'scan/stopped': [
    'The scan itself broke off',
    'The file made the scanner crash, or use up its memory or time. Nobody has checked it.',
    ['incomplete'],
  ],
} satisfies Record<string, readonly [title: string, meaning: string, severities: readonly Severity[]]>;

export type RuleId = keyof typeof table;

/** Every rule by its stable id. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries(table).map(([id, [title, meaning, severities]]) => [id, { title, meaning, severities }]),
);
