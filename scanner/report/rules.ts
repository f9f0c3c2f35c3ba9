import type { Severity } from './severity.ts';

/**
 * Date of the rules that a verdict rests on. It changes whenever a file could get another verdict than before: the
 * catalog judges what is older again. A second change on one day adds `.2` to the date, up to `.9`, and then `.91`: it
 * is compared as text.
 */
export const RULES_VERSION = '2026-12-01.2';

/** What a rule is called, what it means to a person, and how much its findings can weigh. */
export interface Rule {
  title: string;
  meaning: string;
  /** Every severity that a finding of it can have, in rising order. */
  severities: readonly Severity[];
}

const table = {
  'pickle/global-dangerous': [
    'Dangerous Python object',
    'Python would import this object while loading the file, and call it where a call is shown. Do not load the file.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/global-unknown': [
    'Unknown Python object',
    'This object is not one of the objects that model files are known to need. It may be harmless; review it manually.',
    ['suspicious'],
  ],
  'pickle/global-known-class': [
    'Unneeded Python object',
    'This object is known from training files and complete pickled models. Model weights do not need it.',
    ['suspicious'],
  ],
  'pickle/global-misused': [
    'Unusual or harmful call of an allowed object',
    'Model files need this object, but not with these arguments.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/import-computed': [
    'Hidden import',
    'The name of the object is computed while loading instead of being written in the file.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/extension': [
    'Import by number',
    'The number stands for an object that only the loading program knows.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/call-computed': [
    'Call of a computed object',
    'The called object is itself the result of a call. Model files never do this.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/odd-call': ['Call without an argument tuple', 'Pickle writers always write one.', ['suspicious']],
  'pickle/build-misused': [
    'Change of a protected object',
    'Setting attributes on a class, a module or a finished value can make the loader run code.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/item-misused': [
    'Entries added to an object without entries',
    'A loader would call a method of the object for each entry.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/persistent-id': [
    'Reference to external data',
    'Model files refer only to tensor data.',
    ['suspicious', 'dangerous'],
  ],
  'pickle/nested': [
    'Nested pickle',
    'The nested pickle is not loaded with the file, but another program may load it.',
    ['suspicious'],
  ],
  'pickle/buffer': ['External buffers', 'Such a pickle cannot be loaded from a file alone.', ['suspicious']],
  'pickle/protocol': [
    'Invalid pickle protocol version',
    'The version is unknown or at the wrong position.',
    ['suspicious'],
  ],
  'pickle/odd-number': ['Ambiguous number', 'Different programs may read this number differently.', ['suspicious']],
  'pickle/odd-text': ['Ambiguous string', 'Different programs may read this string differently.', ['suspicious']],
  'pickle/odd-memo': [
    'Repeated or far memo entries',
    'Resource exhaustion: reading the file takes time and memory without need.',
    ['suspicious'],
  ],
  'pickle/leftover': [
    'Unused values',
    'Pickle writers use all values that they write. Manually edited pickles often do not.',
    ['suspicious'],
  ],
  'pickle/nesting': [
    'Deeply nested values',
    'Resource exhaustion: reading the file takes time and memory without need.',
    ['suspicious'],
  ],
  'pickle/expansion': ['Excessive expansion', 'A few bytes expand to more values than fit in memory.', ['suspicious']],
  'pickle/allocation': [
    'Excessive memory or time of a call',
    'Resource exhaustion: an allowed object is called so that the result is much larger than the file, or takes very long.',
    ['suspicious', 'incomplete'],
  ],
  'pickle/truncated': [
    'Truncated pickle',
    'Probably an incomplete download. The data before the end was scanned.',
    ['suspicious', 'malformed'],
  ],
  'pickle/unknown-opcode': [
    'Unknown instruction',
    'The following bytes are not a pickle.',
    ['suspicious', 'malformed'],
  ],
  'pickle/broken': ['Invalid pickle', 'A loader would stop here with an error.', ['suspicious', 'malformed']],
  'pickle/frame': [
    'Invalid frames',
    'Different programs may read the pickle differently.',
    ['suspicious', 'malformed'],
  ],
  'pickle/array': [
    'Unusual joblib array',
    'The array data is in the middle of the pickle, and its end cannot be determined reliably.',
    ['suspicious', 'malformed'],
  ],
  'pickle/trailing': ['Unused bytes after the pickle', 'Loaders do not read them.', ['suspicious']],
  'pickle/loose-import': [
    'Dangerous object name in unreadable bytes',
    'This may be part of an attack, or of a damaged file.',
    ['suspicious'],
  ],
  'pickle/limit': [
    'Pickle limit exceeded',
    'Reading the file needs more time or memory than the limits of a scan allow.',
    ['suspicious', 'incomplete'],
  ],
  'zip/duplicate-name': ['Duplicate entry', 'Different programs may read different entries.', ['dangerous']],
  'zip/name-mismatch': ['Entry with two names', 'Different programs may use different names.', ['dangerous']],
  'zip/unsafe-name': ['Path traversal', 'Extracting the archive could overwrite other files.', ['suspicious']],
  'zip/encrypted': ['Encrypted entry', 'It cannot be scanned.', ['suspicious']],
  'zip/unknown-method': ['Unknown compression method', 'The entry cannot be scanned.', ['suspicious']],
  'zip/size-mismatch': ['Wrong size', 'Different programs may read a different amount of data.', ['suspicious']],
  'zip/method-mismatch': [
    'Two compression methods',
    'Different programs may extract the entry differently.',
    ['suspicious'],
  ],
  'zip/flag-mismatch': ['Two sets of flags', 'Some programs may not be able to read the entry.', ['suspicious']],
  'zip/checksum-mismatch': ['Two checksums', 'The archive was modified.', ['suspicious']],
  'zip/count-mismatch': [
    'Wrong number of entries',
    'Different programs may read a different number of entries.',
    ['suspicious'],
  ],
  'zip/zip64-mismatch': [
    'Different end records',
    'The 32-bit and the 64-bit end record of the archive do not match.',
    ['suspicious'],
  ],
  'zip/several-ends': [
    'More than one end record',
    'Different programs may use different lists of entries.',
    ['suspicious'],
  ],
  'zip/end-in-comment': [
    'End record in a comment',
    'Different programs may use different lists of entries.',
    ['suspicious'],
  ],
  'zip/second-archive': ['Second archive', 'Different programs may read different archives.', ['suspicious']],
  'zip/odd-flag': ['Unusual flag', 'Some programs reject the entry, others read it.', ['suspicious']],
  'zip/nul-in-name': ['NUL character in a name', 'Different programs may use different names.', ['suspicious']],
  'zip/symlink': ['Symbolic link', 'Extracting the archive could write outside its folder.', ['suspicious']],
  'zip/checksum': ['Wrong checksum', 'The entry was modified or is damaged.', ['suspicious']],
  'zip/expansion': [
    'Excessive compression ratio',
    'Resource exhaustion: extracting the entry takes time, memory or disk space without need.',
    ['suspicious'],
  ],
  'zip/overlap': ['Overlapping entries', 'Regular archives do not have overlapping entries.', ['malformed']],
  'zip/data-before': ['Bytes before the archive', 'They may hide another file.', ['suspicious']],
  'zip/data-between': ['Bytes between entries', 'They may hide another file.', ['suspicious']],
  'zip/data-after': ['Bytes after the archive', 'They may hide another file.', ['suspicious']],
  'zip/unreadable': ['Damaged archive', 'The archive is damaged or truncated and cannot be extracted.', ['malformed']],
  'zip/comment': [
    'Comment',
    'Programs do not load comments. One that contains another file or an import may be part of an attack.',
    ['note', 'suspicious'],
  ],
  'zip/extra-field': [
    'Unusual extra field',
    'Programs pass over extra fields that they do not know. One that contains another file may be part of an attack.',
    ['note', 'suspicious'],
  ],
  'zip/several-roots': ['More than one pickle', 'Different programs may load different ones.', ['suspicious']],
  'zip/program': ['Program code', 'Model weights need no code.', ['suspicious']],
  'member/not-checked': [
    'Unchecked entry',
    'The entry is neither a model nor known to be harmless by its content, as texts, images and tokenizers are. It may contain anything.',
    ['incomplete'],
  ],
  'member/names-code': [
    'Configuration that names code',
    'Programs that load the model import or evaluate what the configuration names. Model weights do not need it.',
    ['suspicious', 'dangerous'],
  ],
  'zip/storage-is-pickle': [
    'Tensor data that is a pickle',
    'Loaders do not load it as a pickle, but it is unusual.',
    ['suspicious'],
  ],
  'safetensors/malformed': [
    'Invalid safetensors file',
    'Different programs may read different data from it.',
    ['malformed'],
  ],
  'gguf/malformed': ['Invalid GGUF file', 'Different programs may read different data from it.', ['malformed']],
  'gguf/unused': ['Unused bytes in a GGUF file', 'Loaders do not read them.', ['suspicious']],
  'torch/header': ['Unusual torch.save file', 'The first parts of the file are not as expected.', ['suspicious']],
  'torch/trailing': ['Unused bytes after the tensors', 'Loaders do not read them.', ['suspicious']],
  'numpy/trailing': ['Unused bytes after the array data', 'Loaders do not read them.', ['suspicious']],
  'torch/unreadable': ['Missing tensor data', 'The file is truncated or invalid.', ['malformed']],
  'torch/big-endian': ['Big-endian data', 'The file comes from a machine with a different byte order.', ['suspicious']],
  'tensor/out-of-bounds': [
    'Tensor outside its storage',
    'A loader would stop with an error, or read memory outside the storage.',
    ['malformed'],
  ],
  'tensor/expansion': ['Tensor much larger than its storage', 'Writing it out could fill the disk.', ['suspicious']],
  'container/not-a-model': ['Not a model', 'The file has another format.', ['malformed']],
  'container/unfinished': ['Incomplete download', 'The end of the file is missing.', ['malformed']],
  'container/malformed': ['Damaged file', 'The file is damaged or truncated.', ['malformed']],
  'container/out-of-scope': ['Unsupported format', 'The file was not scanned.', ['incomplete']],
  'container/wrong-extension': [
    'Wrong file extension',
    'Programs that use the extension would load the file in the wrong way.',
    ['malformed', 'dangerous'],
  ],
  'container/packed': ['Unexpected compression', 'A known way to hide from scanners.', ['suspicious', 'dangerous']],
  'container/encrypted': ['Encrypted archive', 'The contents cannot be scanned without the password.', ['incomplete']],
  'container/two-formats': [
    'Two formats in one file',
    'Different programs read different formats. --explain and the JSON report list what each of them reads.',
    ['suspicious', 'dangerous'],
  ],
  'container/too-deep': ['Deeply nested archives', 'The contents were not scanned.', ['incomplete']],
  'container/too-large': ['Too large to scan', 'The contents were not scanned.', ['incomplete']],
  'model/part-missing': [
    'Missing part of a model',
    'The model has several files, and not all of them are there. Download the missing ones.',
    ['incomplete'],
  ],
  'model/index': [
    'Unreadable index of a model',
    'The file that says which files the model has is invalid or too large.',
    ['incomplete', 'malformed'],
  ],
  'model/unsafe-path': [
    'Path out of the folder of a model',
    'Programs that follow it read or download a file in another place.',
    ['incomplete', 'malformed'],
  ],
  'model/tensors': [
    'Tensors that do not match the index',
    'Different programs may load different tensors from the files of the model.',
    ['note', 'incomplete', 'malformed'],
  ],
  'file/unreadable': ['Unreadable file', 'The file was not scanned.', ['incomplete']],
  'container/time': ['Time limit exceeded', 'The rest was not scanned.', ['incomplete']],
  'policy/allowed': [
    'Allowed by your policy',
    'The rules would require a manual review of this Python object, but your policy allows it.',
    ['note'],
  ],
  'policy/denied': [
    'Denied by your policy',
    'Your policy denies this Python object, regardless of the rules.',
    ['dangerous'],
  ],
  'scan/more-findings': [
    'More findings than the report lists',
    'This finding stands for all findings that are not listed and has the highest severity among them.',
    ['incomplete', 'malformed', 'dangerous'],
  ],
  'scan/more-names': [
    'More Python objects than the report lists',
    'Model files need only a few. Objects that are not listed were checked too.',
    ['incomplete'],
  ],
  'scan/stopped': [
    'Scan stopped',
    'The scanner crashed, or exceeded its limits of memory or time. The file was not scanned completely.',
    ['incomplete'],
  ],
} satisfies Record<string, readonly [title: string, meaning: string, severities: readonly Severity[]]>;

export type RuleId = keyof typeof table;

/** Every rule by its stable id. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries(table).map(([id, [title, meaning, severities]]) => [id, { title, meaning, severities }]),
);
