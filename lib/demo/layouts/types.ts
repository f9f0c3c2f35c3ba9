/** What a tensor holds: numbers like those of weights, zeros, ones, 0 1 2 …, or given values. */
export type Fill = 'random' | 'zeros' | 'ones' | 'range' | readonly number[];

/** A tensor by its name and shape, before anything decides how it is stored. */
export interface LayoutTensor {
  name: string;
  shape: readonly number[];
  /** Only where it is not that of the rest of the file: positions are whole numbers in every checkpoint. */
  dtype?: 'I64' | 'F32';
  /** `random` where left out. */
  fill?: Fill;
}

/** `<name>.weight` and `<name>.bias`, the bias as long as the weight's first side. */
export function layer(name: string, ...shape: readonly number[]): LayoutTensor[] {
  return [
    { name: `${name}.weight`, shape },
    { name: `${name}.bias`, shape: shape.slice(0, 1) },
  ];
}

/** `<name>.weight` alone. */
export function weight(name: string, ...shape: readonly number[]): LayoutTensor {
  return { name: `${name}.weight`, shape };
}

/** A group or layer norm: its weight is one before training, its bias zero. */
export function norm(name: string, channels: number): LayoutTensor[] {
  return [
    { name: `${name}.weight`, shape: [channels], fill: 'ones' },
    { name: `${name}.bias`, shape: [channels], fill: 'zeros' },
  ];
}

export function withPrefix(prefix: string, tensors: readonly LayoutTensor[]): LayoutTensor[] {
  return tensors.map((tensor) => ({ ...tensor, name: prefix + tensor.name }));
}

/** Integers from 0 up to, without, `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
