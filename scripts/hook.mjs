#!/usr/bin/env node
// The pre-commit hook (.pre-commit-hooks.yaml): scans the files that it is given, and installs on first use. Each
// version of the hook has a checkout of its own, so what is installed there once never goes out of date.
import { existsSync } from 'node:fs';
import { ensureInstalled, nodeCommand } from './with-node.mjs';

if (!existsSync(nodeCommand)) await ensureInstalled();
process.argv.splice(2, 0, 'scan');
await import('../bin/weighhouse.mjs');
