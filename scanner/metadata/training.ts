import { cut, type Metadata, readText } from './read-entry.ts';

/** One training parameter in words. */
export interface TrainingParameter {
  label: string;
  value: string;
}

export interface TrainingGroup {
  title: string;
  parameters: TrainingParameter[];
}

type Show = (text: string) => string | null;

const MAX_VALUE = 300;
const asIs: Show = (text) => text;
/** Unix seconds, which kohya's scripts write with a fraction, as an ISO time. */
const asTime: Show = (text) => {
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1000).toISOString() : null;
};
const asYesNo: Show = (text) => (text === 'True' ? 'yes' : text === 'False' ? null : text);
/** Options as JSON, as `name value, name value`. */
const asOptions: Show = (text) => {
  try {
    const options: unknown = JSON.parse(text);
    if (typeof options !== 'object' || options === null) return text;
    const words = Object.entries(options).map(
      ([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
    );
    return words.length === 0 ? null : words.join(', ');
  } catch {
    return text;
  }
};

/** What kohya's scripts record (`train_network.py`), in the order people ask: label, key, how it is shown. */
const GROUPS: readonly { title: string; rows: readonly (readonly [label: string, key: string, show?: Show])[] }[] = [
  {
    title: 'Network',
    rows: [
      ['Module', 'ss_network_module'],
      ['Rank', 'ss_network_dim'],
      ['Alpha', 'ss_network_alpha'],
      ['Options', 'ss_network_args', asOptions],
      ['Dropout', 'ss_network_dropout'],
    ],
  },
  {
    title: 'Trained on',
    rows: [
      ['Checkpoint', 'ss_sd_model_name'],
      ['SHA-256', 'ss_new_sd_model_hash'],
      ['AutoV1', 'ss_sd_model_hash'],
      ['VAE', 'ss_vae_name'],
      ['Base model', 'ss_base_model_version'],
      ['Clip skip', 'ss_clip_skip'],
      ['Resolution', 'ss_resolution'],
      ['Images', 'ss_num_train_images'],
      ['Regularization images', 'ss_num_reg_images'],
    ],
  },
  {
    title: 'Progress',
    rows: [
      ['Epoch', 'ss_epoch'],
      ['Epochs', 'ss_num_epochs'],
      ['Steps', 'ss_steps'],
      ['Maximum steps', 'ss_max_train_steps'],
      ['Batch size', 'ss_total_batch_size'],
      ['Batch size per device', 'ss_batch_size_per_device'],
      ['Started', 'ss_training_started_at', asTime],
      ['Finished', 'ss_training_finished_at', asTime],
    ],
  },
  {
    title: 'Learning rate',
    rows: [
      ['Learning rate', 'ss_learning_rate'],
      ['UNet learning rate', 'ss_unet_lr'],
      ['Text encoder learning rate', 'ss_text_encoder_lr'],
      ['Optimizer', 'ss_optimizer'],
      ['Schedule', 'ss_lr_scheduler'],
      ['Warm-up steps', 'ss_lr_warmup_steps'],
      ['Precision', 'ss_mixed_precision'],
      ['Seed', 'ss_seed'],
      ['Noise offset', 'ss_noise_offset'],
      ['Min-SNR gamma', 'ss_min_snr_gamma'],
      ['Zero terminal SNR', 'ss_zero_terminal_snr', asYesNo],
      ['Loss', 'ss_loss_type'],
      ['Guidance', 'ss_guidance_scale'],
      ['Timesteps', 'ss_timestep_sampling'],
      ['Flow shift', 'ss_discrete_flow_shift'],
    ],
  },
  {
    title: 'Notes',
    rows: [
      ['Name', 'ss_output_name'],
      ['Comment', 'ss_training_comment'],
    ],
  },
];

/** How the model was trained, as its metadata says; groups without an entry are left out. */
export function readTraining(metadata: Metadata): TrainingGroup[] {
  return GROUPS.map(({ title, rows }) => ({
    title,
    parameters: rows.flatMap(([label, key, show = asIs]) => {
      const text = readText(metadata, key);
      const value = text === null ? null : show(text);
      return value === null ? [] : [{ label, value: cut(value, MAX_VALUE) }];
    }),
  })).filter(({ parameters }) => parameters.length > 0);
}
