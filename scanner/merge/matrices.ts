interface Product {
  rows: number;
  /** The side that both matrices share. */
  inner: number;
  columns: number;
  /** Multiplies the product. */
  scale: number;
}

/** `scale · left[rows, inner] · right[inner, columns]`, both row-major. Sums are kept as doubles. */
export function multiplyRows(
  left: Float64Array,
  right: Float32Array,
  { rows, inner, columns, scale }: Product,
): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    const into = result.subarray(row * columns, (row + 1) * columns);
    let k = 0;
    // Four at a time: the result is read and written a quarter as often.
    for (; k + 3 < inner; k += 4) {
      const at = row * inner + k;
      const [a, b, c, d] = [
        scale * (left[at] as number),
        scale * (left[at + 1] as number),
        scale * (left[at + 2] as number),
        scale * (left[at + 3] as number),
      ];
      const first = right.subarray(k * columns, (k + 1) * columns);
      const second = right.subarray((k + 1) * columns, (k + 2) * columns);
      const third = right.subarray((k + 2) * columns, (k + 3) * columns);
      const fourth = right.subarray((k + 3) * columns, (k + 4) * columns);
      for (let column = 0; column < columns; column += 1) {
        into[column] =
          (into[column] as number) +
          a * (first[column] as number) +
          b * (second[column] as number) +
          c * (third[column] as number) +
          d * (fourth[column] as number);
      }
    }
    for (; k < inner; k += 1) {
      const factor = scale * (left[row * inner + k] as number);
      const line = right.subarray(k * columns, (k + 1) * columns);
      for (let column = 0; column < columns; column += 1) {
        into[column] = (into[column] as number) + factor * (line[column] as number);
      }
    }
  }
  return result;
}

/**
 * One row of a Tucker product: `Σ_ij left[i] · core[i, j, k] · right[j, input]`, at column `input · kernel + k`. The core
 * is `[left.length, inner, kernel]`, the right matrix `[inner, inputs]`.
 */
export function tuckerRow(
  left: Float64Array,
  core: Float32Array,
  right: Float32Array,
  { inner, inputs, kernel, scale }: { inner: number; inputs: number; kernel: number; scale: number },
  into: Float64Array,
): void {
  const width = inner * kernel;
  const middle = new Float64Array(width);
  for (let i = 0; i < left.length; i += 1) {
    const factor = scale * (left[i] as number);
    for (let j = 0; j < width; j += 1) middle[j] = (middle[j] as number) + factor * (core[i * width + j] as number);
  }
  into.fill(0);
  for (let j = 0; j < inner; j += 1) {
    for (let input = 0; input < inputs; input += 1) {
      const factor = right[j * inputs + input] as number;
      for (let k = 0; k < kernel; k += 1) {
        const at = input * kernel + k;
        into[at] = (into[at] as number) + factor * (middle[j * kernel + k] as number);
      }
    }
  }
}
