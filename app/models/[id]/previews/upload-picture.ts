import { errorMessageOf } from '#lib/error-answer.ts';

export interface Sending {
  /** Of the bytes, 0 to 1. */
  onProgress: (fraction: number) => void;
}

/**
 * Sends a picture for a model, saying how far it is, which `fetch` does not. Rejects with an Error whose message the
 * service wrote for people.
 */
export function uploadPicture(modelId: number, file: File, { onProgress }: Sending): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/models/${modelId}/pictures?filename=${encodeURIComponent(file.name)}`);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onerror = () => reject(new Error('The connection was lost. Try again.'));
    request.onload = () => {
      if (request.status < 300) resolve();
      else
        reject(new Error(errorMessageOf(request.responseText) ?? `The server returned an error (${request.status}).`));
    };
    request.send(file);
  });
}
