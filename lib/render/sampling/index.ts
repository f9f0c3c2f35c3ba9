export { combineGuidance } from './guidance.ts';
export { makeAlphasCumprod, NoiseSchedule, rescaleZeroTerminalSnr } from './noise-schedule.ts';
export { type SampleOptions, sample } from './sample.ts';
export { TorchGenerator } from './torch-generator.ts';
