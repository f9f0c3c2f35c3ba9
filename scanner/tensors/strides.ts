/** Strides, in elements, of a tensor whose last dimension varies fastest. */
export function rowMajorStride(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis -= 1)
    stride[axis] = (stride[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return stride;
}
