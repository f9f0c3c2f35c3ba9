import {
  findTarStart,
  hasHdf5Signature,
  hasZipDirectory,
  hasZipEnd,
  looksLikeGguf,
  looksLikeSafetensors,
  type Packing,
  packingOf,
} from '../containers/index.ts';
import { OPCODES } from '../pickle/index.ts';
import type { Format, LoaderId } from '../report/index.ts';
import type { ByteSource } from '../source.ts';

/** How one program decides whether bytes are for it, whatever the name of the file says. */
interface Loader {
  /** How it reads them: each reading is judged once for all its loaders. */
  format: Format;
  /** True where it would take these bytes, or a part of them from the beginning. Reads little. */
  accepts(source: ByteSource): boolean;
}

const ZIP_MEMBER = 'PK\x03\x04';
const ZIP_END = 'PK\x05\x06';
const NPY = '\x93NUMPY';

/** Every program with its rule; a name without a rule does not compile. */
const LOADERS: Readonly<Record<LoaderId, Loader>> = {
  // PyTorch `torch/serialization.py`, `_is_zipfile`: the first four bytes; miniz then looks for the directory from the end.
  'torch-zip': { format: 'zip', accepts: (source) => begins(source, ZIP_MEMBER) && hasZipEnd(source) },
  // `_legacy_load`: before anything else, `tarfile.open(mode='r:')`.
  'torch-tar': { format: 'tar', accepts: (source) => !begins(source, ZIP_MEMBER) && findTarStart(source) === 0 },
  // And then pickles, one after the other.
  'torch-legacy': { format: 'pickle', accepts: (source) => !begins(source, ZIP_MEMBER) && beginsPickle(source) },
  // PyTorch `caffe2/serialize/inline_container.cc`: miniz alone, which looks from the end.
  'torch-jit': { format: 'zip', accepts: isZip },
  // CPython `Modules/_pickle.c`, `load`: opcodes from the first byte to STOP or to an error.
  pickle: { format: 'pickle', accepts: beginsPickle },
  // joblib `numpy_pickle_utils.py`, `_detect_compressor`: one of its marks, else a pickle with arrays in it.
  joblib: { format: 'pickle', accepts: (source) => !isPackedForJoblib(source) && beginsPickle(source) },
  'joblib-compressed': { format: 'compressed', accepts: isPackedForJoblib },
  // NumPy `numpy/lib/_npyio_impl.py`, `load`: six bytes, four, or else a pickle.
  'numpy-npy': { format: 'numpy', accepts: (source) => begins(source, NPY) },
  'numpy-npz': {
    format: 'zip',
    accepts: (source) => begins(source, ZIP_MEMBER, ZIP_END) && hasZipEnd(source),
  },
  'numpy-pickle': {
    format: 'pickle',
    accepts: (source) => !begins(source, ZIP_MEMBER, ZIP_END, NPY) && beginsPickle(source),
  },
  // huggingface/safetensors `safetensors/src/tensor.rs`, `read_metadata`.
  safetensors: { format: 'safetensors', accepts: looksLikeSafetensors },
  // ggml `gguf.cpp` and the `gguf` package: the first four bytes.
  gguf: { format: 'gguf', accepts: looksLikeGguf },
  // CPython `Lib/tarfile.py`, `TarFile.open`: by the checksum of the first header; `ignore_zeros` passes over empty blocks.
  tarfile: { format: 'tar', accepts: (source) => findTarStart(source) !== null },
  // CPython `Lib/zipfile`, `_EndRecData`: the last end record, whatever stands before the archive.
  zipfile: { format: 'zip', accepts: isZip },
  // Each by its mark, which is its first bytes (RFC 1952, RFC 8878, the formats' own documents).
  gzip: { format: 'compressed', accepts: isPacked('gzip') },
  bz2: { format: 'compressed', accepts: isPacked('bzip2') },
  // liblzma's `lzma_auto_decoder` takes both formats.
  lzma: { format: 'compressed', accepts: isPacked('xz', 'lzma') },
  zlib: { format: 'compressed', accepts: isPacked('zlib') },
  zstd: { format: 'compressed', accepts: isPacked('zstd') },
  lz4: { format: 'compressed', accepts: isPacked('lz4') },
  'seven-zip': { format: 'compressed', accepts: isPacked('7z', 'rar') },
  // HDF5 file format specification, section II.A: at byte 0, 512, 1024, 2048 …
  h5py: { format: 'hdf5', accepts: hasHdf5Signature },
  // Formats that are recognised and no more.
  other: { format: 'other', accepts: () => true },
};

const IDS = Object.keys(LOADERS) as LoaderId[];

/** The programs that would read these bytes in this way. */
export function loadersOf(source: ByteSource, format: Format): LoaderId[] {
  return IDS.filter((id) => LOADERS[id].format === format && LOADERS[id].accepts(source));
}

/** Marks by which joblib knows a compressed file; `ZF` is that of its first releases. */
const JOBLIB_MARKS = ['\x78', '\x1f\x8b', 'BZ', '\xfd7zXZ', '\x5d\0', '\x04\x22\x4d\x18', 'ZF'];

function isPackedForJoblib(source: ByteSource): boolean {
  return begins(source, ...JOBLIB_MARKS) && packingOf(source.read(0, 16)) !== null;
}

function isPacked(...packings: readonly Packing[]): (source: ByteSource) => boolean {
  return (source) => {
    const packing = packingOf(source.read(0, 16));
    return packing !== null && packings.includes(packing);
  };
}

function isZip(source: ByteSource): boolean {
  return begins(source, ZIP_MEMBER, ZIP_END) ? hasZipEnd(source) : hasZipDirectory(source);
}

function beginsPickle(source: ByteSource): boolean {
  return OPCODES.has(source.read(0, 1)[0] ?? 0);
}

function begins(source: ByteSource, ...marks: readonly string[]): boolean {
  const head = Buffer.from(source.read(0, 8)).toString('latin1');
  return marks.some((mark) => head.startsWith(mark));
}
