// The rules of imports. `npm run check` enforces them (scripts/check-imports.mjs); types count like values.

const FACE = '/(index|client)\\.ts$';
/** The face of any folder right below `lib/` and `scanner/`; of `lib/*.ts` and `scanner/*.ts` each file is its own. */
const FACES = ['^(lib|scanner)/[^/]+/(index|client)\\.ts$', '^(lib|scanner)/[^/]+$', '^lib/db/generated/'];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Files that import each other cannot be understood, tested or loaded apart. Move what both need.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'Nothing imports this file and it imports nothing.',
      from: { orphan: true, pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'There is no such file or package.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'one-way-scanner',
      severity: 'error',
      comment: 'Imports run one way: app → lib → scanner.',
      from: { path: '^scanner/' },
      to: { path: '^(app|lib|test|bench|scripts)/' },
    },
    {
      name: 'one-way-lib',
      severity: 'error',
      comment: 'Imports run one way: app → lib → scanner.',
      from: { path: '^lib/' },
      to: { path: '^(app|test|bench|scripts)/' },
    },
    {
      name: 'one-way-app',
      severity: 'error',
      comment: 'The program imports neither its tests nor its scripts.',
      from: { path: '^app/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'pure-scanner',
      severity: 'error',
      comment: 'The scanner is a library without a service in it.',
      from: { path: '^scanner/' },
      to: { path: '(^|/)node_modules/(react|react-dom|next|pg|pg-boss|@prisma)/' },
    },
    {
      name: 'no-pages-in-lib',
      severity: 'error',
      comment: 'No React and no Next in lib/.',
      from: { path: '^lib/' },
      to: { path: '(^|/)node_modules/(react|react-dom|next|@mantine)/' },
    },
    {
      name: 'through-the-face',
      severity: 'error',
      comment: 'Import another folder through its index.ts (or client.ts for browsers), never its inside.',
      from: { path: '^(app/|lib/[^/]+$|scanner/[^/]+$)' },
      to: { path: '^(lib|scanner)/', pathNot: FACES },
    },
    {
      name: 'through-the-face-of-siblings',
      severity: 'error',
      comment: 'Import another folder through its index.ts (or client.ts for browsers), never its inside.',
      from: { path: '^(lib|scanner)/([^/]+)/[^/]+$' },
      to: { path: '^(lib|scanner)/', pathNot: [...FACES, '^$1/$2/[^/]+$', `^$1/$2/[^/]+${FACE}`] },
    },
    {
      name: 'through-the-face-of-inner-rooms',
      severity: 'error',
      comment: 'Import another folder through its index.ts (or client.ts for browsers), never its inside.',
      from: { path: '^(lib|scanner)/([^/]+)/([^/]+)/' },
      to: {
        path: '^(lib|scanner)/',
        pathNot: [...FACES, '^$1/$2/[^/]+$', `^$1/$2/[^/]+${FACE}`, '^$1/$2/$3/'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.module\\.css$|^lib/db/generated/.*(?<!client\\.ts)$' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
