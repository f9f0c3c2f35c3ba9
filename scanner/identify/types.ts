export type Confidence = 'certain' | 'high' | 'medium' | 'low';

/** `edm` stands for both EDM parameterisations; `unknown` where nothing in the file tells. */
export type Prediction = 'epsilon' | 'v' | 'flow' | 'edm' | 'unknown';

export type EvidenceField = 'type' | 'base' | 'variant' | 'family' | 'prediction' | 'merge' | 'algorithm';
export type EvidenceSource = 'weights' | 'metadata' | 'filename';

/** Why one field has its value: the key and shape that decided it, or the metadata entry. */
export interface Evidence {
  field: EvidenceField;
  source: EvidenceSource;
  detail: string;
}

/** What a model file is. Ids of types and bases are those of DESIGN.md; what the file does not tell stays `unknown`. */
export interface Identity {
  type: string;
  base: string;
  /** `inpaint`, `pix2pix`, `turbo`…; null for the plain model. */
  variant: string | null;
  /** A line of fine-tunes with the same layout (`pony`, `illustrious`…): stated by metadata or file name, never by weights. */
  family: string | null;
  prediction: Prediction;
  /** True where the file records that it was merged. False says only that it records nothing. */
  merge: boolean;
  /** LoRA only: `lora`, `locon`, `loha`, `lokr`, `dora`… */
  algorithm?: string;
  /** Everything found inside: `unet`, `vae`, `clip-l`, `ema`… */
  components: string[];
  /** How sure type and base are, taken together. */
  confidence: Confidence;
  evidence: Evidence[];
  /** What does not fit, in plain sentences. */
  problems: string[];
}

export interface IdentifyHints {
  /** Consulted last, and only for what weights and metadata leave open. */
  filename?: string;
  /** The numbers of a small tensor, or null. Told apart by them alone: the two kinds of SD 2.x. */
  readTensor?: (name: string) => Float32Array | null;
}
