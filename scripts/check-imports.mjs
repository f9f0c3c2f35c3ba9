// Checks the imports of app/, lib/ and scanner/ against .dependency-cruiser.mjs: `node scripts/check-imports.mjs [folder]`.
// dependency-cruiser reads TypeScript by SWC, because TypeScript 7 has no interface for programs yet.
import { resolve } from 'node:path';
import { Visitor } from '@swc/core/Visitor.js';
import { cruise } from 'dependency-cruiser';
import config from '../.dependency-cruiser.mjs';

// SWC's walk over the program does not know `using` yet, and ends there. Such a statement imports nothing.
const visitStatement = Visitor.prototype.visitStatement;
Visitor.prototype.visitStatement = function visit(statement) {
  return statement.type === 'UsingDeclaration' ? statement : visitStatement.call(this, statement);
};

process.chdir(resolve(process.argv[2] ?? '.'));
const { output } = await cruise(['app', 'lib', 'scanner'], {
  ...config.options,
  ruleSet: { forbidden: config.forbidden },
  validate: true,
  outputType: 'json',
});
const { violations, totalCruised, totalDependenciesCruised } = JSON.parse(output).summary;

for (const { rule, from, to, cycle } of violations) {
  const way = cycle === undefined ? [from, to] : [from, ...cycle.map(({ name }) => name)];
  console.error(`${rule.name}: ${way.join(' → ')}`);
}
for (const { name, comment } of config.forbidden)
  if (violations.some(({ rule }) => rule.name === name)) console.error(`  ${name}: ${comment}`);
console.log(`Checked ${totalDependenciesCruised} imports of ${totalCruised} files: ${violations.length} broken.`);
process.exit(violations.length === 0 ? 0 : 1);
