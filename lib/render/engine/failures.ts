import { isSystemError } from '#scanner/errors.ts';
import { RenderError } from '../types.ts';

const OUT_OF_MEMORY =
  /out of memory|OUT_OF_MEMORY|bad_alloc|bad allocation|failed to allocate|Available memory of .* is smaller|ALLOC_FAILED|Array buffer allocation failed|E_OUTOFMEMORY/i;
const DEVICE_LOST = /device (?:was |is )?lost|DEVICE_LOST|device removed|DXGI_ERROR|ILLEGAL_ADDRESS|ECC error/i;

/** What ONNX Runtime threw, as what it means for a picture. */
export function explainFailure(error: unknown): RenderError {
  if (error instanceof RenderError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (OUT_OF_MEMORY.test(message)) {
    return new RenderError('out_of_memory', 'Not enough memory for this image.', { cause: error });
  }
  if (DEVICE_LOST.test(message)) {
    return new RenderError('device_lost', 'The GPU stopped responding during rendering.', { cause: error });
  }
  if (isSystemError(error, 'ENOSPC')) {
    return new RenderError('crash', 'The disk is full. Rendering needs space for temporary files.', {
      cause: error,
    });
  }
  return new RenderError('crash', `Rendering failed: ${message.slice(0, 500)}`, { cause: error });
}
