interface Product {
  rows: number;
  /** The side that both matrices share. */
  inner: number;
  columns: number;
  /** Multiplies the product. */
  scale: number;
}

/** `scale · left[rows, inner] · right[inner, columns]`, both row-major. Sums are kept as doubles, in `result` where given. */
export function multiplyRows(
  left: Float64Array,
  right: Float32Array,
  { rows, inner, columns, scale }: Product,
  result = new Float64Array(rows * columns),
): Float64Array {
  result.fill(0);
  const scaled = left.map((value) => scale * value);
  const factorsOf = (row: number) => scaled.subarray(row * inner, (row + 1) * inner);
  const lineOf = (row: number) => result.subarray(row * columns, (row + 1) * columns);
  let row = 0;
  for (; row + 1 < rows; row += 2) {
    addTwoRows(factorsOf(row), factorsOf(row + 1), right, lineOf(row), lineOf(row + 1));
  }
  if (row < rows) addRow(factorsOf(row), right, lineOf(row), 0);
  return result;
}

/**
 * Two rows of the result, four products at a time: reading and writing memory takes the time, so each number that is read
 * is used twice, and the result is read and written a quarter as often.
 */
function addTwoRows(
  one: Float64Array,
  other: Float64Array,
  right: Float32Array,
  first: Float64Array,
  second: Float64Array,
): void {
  const inner = one.length;
  const columns = first.length;
  let k = 0;
  for (; k + 3 < inner; k += 4) {
    const a0 = one[k] as number;
    const a1 = one[k + 1] as number;
    const a2 = one[k + 2] as number;
    const a3 = one[k + 3] as number;
    const b0 = other[k] as number;
    const b1 = other[k + 1] as number;
    const b2 = other[k + 2] as number;
    const b3 = other[k + 3] as number;
    const r0 = right.subarray(k * columns, (k + 1) * columns);
    const r1 = right.subarray((k + 1) * columns, (k + 2) * columns);
    const r2 = right.subarray((k + 2) * columns, (k + 3) * columns);
    const r3 = right.subarray((k + 3) * columns, (k + 4) * columns);
    for (let column = 0; column < columns; column += 1) {
      const w = r0[column] as number;
      const x = r1[column] as number;
      const y = r2[column] as number;
      const z = r3[column] as number;
      first[column] = (first[column] as number) + a0 * w + a1 * x + a2 * y + a3 * z;
      second[column] = (second[column] as number) + b0 * w + b1 * x + b2 * y + b3 * z;
    }
  }
  addRow(one, right, first, k);
  addRow(other, right, second, k);
}

/** One row of the result, from the product `from` on. */
function addRow(factors: Float64Array, right: Float32Array, into: Float64Array, from: number): void {
  for (let k = from; k < factors.length; k += 1) {
    const factor = factors[k] as number;
    const line = right.subarray(k * into.length, (k + 1) * into.length);
    for (let column = 0; column < into.length; column += 1) {
      into[column] = (into[column] as number) + factor * (line[column] as number);
    }
  }
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
