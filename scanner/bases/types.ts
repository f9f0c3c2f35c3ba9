/** What a network predicts; `edm` stands for both EDM parameterisations. */
export type BasePrediction = 'epsilon' | 'v' | 'flow' | 'edm';

/** Lines of base models that descend from each other or share a builder, one a file of this folder. */
export type BaseFamily =
  | 'stable-diffusion'
  | 'flux'
  | 'hunyuan'
  | 'qwen'
  | 'wan'
  | 'ltx'
  | 'lumina'
  | 'pixart'
  | 'cosmos'
  | 'cogview'
  | 'kandinsky'
  | 'other';

/** Settings that previews of a base are rendered with, unless its variant, name or fine-tune family has its own. */
export type BaseProfile = 'sd1' | 'sd2' | 'sdxl' | 'sd3' | 'sd3.5' | 'flux1' | 'modern';

/** A line of fine-tunes with the layout of its base: stated by metadata, or known by a hash or an id, never by weights. */
export interface FineTunes {
  label: string;
  /** Fits what people and trainers call it. Word borders keep "fantasyIllustration" out of Illustrious. */
  names: RegExp;
  /** Names of Civitai's list of base models that stand for it. */
  civitai: readonly string[];
  /** Version ids of Civitai that its trainer writes in the place of a name. */
  civitaiVersions: readonly string[];
  /** Published files that it descends from, by the SHA-256 of the whole file. */
  files: Readonly<Record<string, string>>;
}

/** A layer that tells adapters for a base, where networks leave it open: by its name as trainers write it, and its widths. */
export interface LoraMark {
  /** Fits the path in the network: dots as underscores, lower case. */
  layers: RegExp;
  /** Widths of the layer's input that fit; any where left out. */
  input?: readonly number[];
  output?: readonly number[];
  variant?: string;
  /** What it tells, where that is not certain. */
  confidence?: 'high' | 'medium';
  /** Tried before marks of other bases that fit more layers. */
  first?: true;
}

/** How an adapter for one base goes with a checkpoint of another. */
export interface HostPairing<Id extends string> {
  base: Id;
  /** Any where left out. */
  variant?: string;
  fit: 'partial' | 'incompatible';
  warning: string;
}

/** All that is kept of one base model. Names are compared as `nameBase` says. */
export interface BaseRecord<Id extends string = string> {
  label: string;
  family: BaseFamily;
  makes: 'image' | 'video' | 'audio' | 'solid';
  names: {
    /** Architectures as trainers and ModelSpec write them in metadata. */
    trainers: readonly string[];
    /** Names of Civitai's list of base models; empty for models that it does not list. */
    civitai: readonly string[];
    /** Fits file names that tell it. Consulted last. */
    file?: RegExp;
    /** ModelSpec's architecture to write, where one name tells the base; by prediction where it hangs on that. */
    modelSpec?: string | Readonly<Partial<Record<BasePrediction, string>>>;
  };
  network: {
    kind: 'unet' | 'transformer' | 'cascade';
    /** All blocks of one kind have the same tensors, from the first to the last: gaps can be told. */
    regular?: true;
    /** Variants are networks of other sizes, whose adapters do not fit each other. */
    sized?: true;
  };
  /** Text encoders that it reads. Any of the names in a group will do. */
  textEncoders: readonly (readonly string[])[];
  /** Whose VAE it takes: its own (`self`), that of another base, or none. */
  vae: Id | 'self' | null;
  /** Published as one file with text encoders and VAE, so that what lacks them is a part. */
  singleFile?: true;
  /** Width and height, in pixels, that it was trained for; null for sound and solids. */
  size: readonly [width: number, height: number] | null;
  /** The rule first. More than one where fine-tunes predict otherwise. */
  predictions: readonly BasePrediction[];
  /** Most adapters with layers that several bases have are made for this one: a guess where nothing else tells. */
  common?: true;
  /** Bases whose adapters may have the same layers as this one's, so that metadata refines what the weights say. */
  sameAdaptersAs?: readonly Id[];
  loraMarks?: readonly LoraMark[];
  /** Checkpoints of other bases, or of some variants, that its adapters load on in part or not at all. */
  hosts?: readonly HostPairing<Id>[];
  /** Previews of it can be rendered without ComfyUI. */
  builtInRenderer?: true;
  profile: BaseProfile;
  fineTunes?: Readonly<Record<string, FineTunes>>;
}
