export { type DemoModel, makeDemoModels } from './demo-models.ts';
export * from './layouts/index.ts';
export { holdsUnknownObject, runsCommand } from './payloads.ts';
export * from './sample-models.ts';
export * from './writers/index.ts';
