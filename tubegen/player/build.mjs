// Bundles src/ into dist/: `node build.mjs`. Needs only `npm ci --omit=dev --ignore-scripts`.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, 'dist');
const STAGING = join(HERE, 'dist.new');

const MODULES = join(HERE, 'node_modules');

// What hls.js leaves out of its light build, except separate audio, and more: subtitles in the playlist, DRM.
const UNUSED_HLS_FEATURES = [
  'CMCD',
  'CONTENT_STEERING',
  'EME_DRM',
  'IFRAMES',
  'INTERSTITIALS',
  'M2TS_ADVANCED_CODECS',
  'MEDIA_CAPABILITIES',
  'SUBTITLES',
  'VARIABLE_SUBSTITUTION',
];

/** Both packages ship their TypeScript, which bundles a tenth smaller than their builds for older browsers. */
const fromSources = {
  name: 'from-sources',
  setup({ onResolve }) {
    onResolve({ filter: /^media-chrome\// }, ({ path }) => ({
      path: join(MODULES, path.replace('media-chrome/', 'media-chrome/src/js/') + '.ts'),
    }));
    onResolve({ filter: /^hls\.js$/ }, () => ({ path: join(MODULES, 'hls.js/src/exports-named.ts') }));
    onResolve({ filter: /\/((aac|ac3-|mp3|ts)demuxer|mp4-remuxer)$/ }, ({ importer }) =>
      basename(importer) === 'transmuxer.ts' ? { path: join(HERE, 'src/unused-format.ts') } : undefined,
    );
  },
};

const COMMON = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  conditions: ['p2pml:core-as-bundle', 'browser', 'production'],
  define: {
    __VERSION__: JSON.stringify(await version('hls.js')),
    __HLS_WORKER_BUNDLE__: 'undefined',
    __IN_WORKER__: 'false',
    ...Object.fromEntries(UNUSED_HLS_FEATURES.map((feature) => [`__USE_${feature}__`, 'false'])),
    __USE_ALT_AUDIO__: 'true',
  },
  // The packages declare fields that their base classes' constructors fill: a declaration must not reset them.
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  plugins: [fromSources],
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  outdir: STAGING,
  metafile: true,
  logLevel: 'warning',
};

async function version(name) {
  return JSON.parse(await readFile(join(MODULES, name, 'package.json'), 'utf8')).version;
}

/** hatch_build.py computes the same digest to tell whether dist/ is still of these sources. */
async function sourceDigest() {
  const sources = (await readdir(join(HERE, 'src'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(HERE, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  const digest = createHash('sha256');
  for (const name of [...sources, 'build.mjs', 'package-lock.json', 'package.json'].sort())
    digest.update(`${name}\0`).update(await readFile(join(HERE, name))).update('\0');
  return digest.digest('hex');
}

function entryOf({ outputs }, entryPoint) {
  return basename(Object.keys(outputs).find((name) => outputs[name].entryPoint === entryPoint));
}

async function thirdParty({ inputs }) {
  const files = [...Object.keys(inputs), ...(await insideBundles(Object.keys(inputs)))];
  const bundled = files.flatMap((name) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name)?.[1] ?? []);
  const packages = [...new Set(bundled)].sort();
  const texts = await Promise.all(packages.map(licence));
  return ['The player contains the following software.\n', ...texts].join(`\n${'='.repeat(80)}\n\n`);
}

/** p2p-media-loader-core comes as a bundle of many packages; its source map tells of which. */
async function insideBundles(inputs) {
  const bundles = inputs.filter((name) => name.includes('p2p-media-loader-core/dist/'));
  const maps = await Promise.all(bundles.map((name) => readFile(join(HERE, `${name}.map`), 'utf8')));
  return maps.flatMap((map) => JSON.parse(map).sources);
}

async function licence(name) {
  const folder = join(MODULES, name);
  const about = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  // A tool with which a package that we use was bundled left a few lines of its own in it, and is not installed.
  if (!about) return `${name}\n\nA few lines of this package, which stands under the MIT licence.\n`;
  const { version, license, author } = JSON.parse(about);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? (await readFile(join(folder, file), 'utf8')).trim() : `Copyright ${author?.name ?? author ?? name}`;
  return `${name} ${version} (${license})\n\n${text}\n`;
}

await rm(STAGING, { recursive: true, force: true });
await mkdir(STAGING);
const boot = await build({ ...COMMON, entryPoints: ['src/boot.ts'], format: 'iife' });
const player = await build({ ...COMMON, entryPoints: ['src/player.ts'], format: 'esm', splitting: true });
const names = [boot, player].flatMap(({ metafile }) => Object.keys(metafile.outputs).map((name) => basename(name)));
const manifest = {
  boot: entryOf(boot.metafile, 'src/boot.ts'),
  module: entryOf(player.metafile, 'src/player.ts'),
  files: names.sort(),
  source: await sourceDigest(),
};
await writeFile(join(STAGING, 'THIRD_PARTY.txt'), await thirdParty(player.metafile));
await writeFile(join(STAGING, 'strings.json'), await readFile(join(HERE, 'src/strings.json')));
await writeFile(join(STAGING, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
await rm(DIST, { recursive: true, force: true });
await rename(STAGING, DIST);
