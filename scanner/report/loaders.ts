import type { Verdict } from './severity.ts';

/** The ways in which bytes can be read. A file of one format may be one of another as well. */
export const FORMAT_NAMES = {
  zip: 'a zip archive',
  tar: 'a tar archive',
  pickle: 'a pickle',
  safetensors: 'a safetensors file',
  numpy: 'a NumPy array',
  gguf: 'a GGUF file',
  compressed: 'a compressed file',
  hdf5: 'an HDF5 file',
  other: 'a file of another program',
} as const;

export type Format = keyof typeof FORMAT_NAMES;

/** The programs that people load models with, as they are called. */
export const LOADER_NAMES = {
  'torch-zip': 'torch.load (zip)',
  'torch-tar': 'torch.load (tar)',
  'torch-legacy': 'torch.load (legacy pickle)',
  'torch-jit': 'torch.jit.load',
  pickle: 'pickle.load',
  joblib: 'joblib.load',
  'joblib-compressed': 'joblib.load (compressed)',
  'numpy-npy': 'numpy.load (npy)',
  'numpy-npz': 'numpy.load (npz)',
  'numpy-pickle': 'numpy.load (pickle)',
  safetensors: 'safetensors',
  gguf: 'llama.cpp, ComfyUI-GGUF',
  tarfile: 'tarfile.open',
  zipfile: 'zipfile.ZipFile',
  gzip: 'gzip.open',
  bz2: 'bz2.open',
  lzma: 'lzma.open',
  zlib: 'zlib.decompress',
  zstd: 'zstd',
  lz4: 'lz4.frame.open',
  'seven-zip': '7-Zip',
  h5py: 'h5py.File',
  other: 'other programs',
} as const;

export type LoaderId = keyof typeof LOADER_NAMES;

/** What one program would make of a file that is of more than one format. */
export interface Reading {
  loader: LoaderId;
  format: Format;
  verdict: Verdict;
  /** One sentence: the gravest finding of this reading. */
  why: string;
}
