// Adds to package-lock.json the optional platform packages (esbuild, rollup ... for other systems) that the registry at
// hand did not offer: npm leaves them out, and `npm ci` then refuses the lock.
// Usage, after every npm install: npm run complete-lockfile
import { readFileSync, writeFileSync } from 'node:fs';

const file = process.argv[2] ?? 'package-lock.json';
const text = readFileSync(file, 'utf8');
const lock = JSON.parse(text);
const indentation = /^\{\n(\s+)/.exec(text)?.[1] ?? '    ';

const systems = 'aix android darwin freebsd linux netbsd openbsd openharmony sunos win32'.split(' ');
const processors = 'arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x wasm32 x64'.split(' ');

/** The places where Node.js looks for a dependency of the package at `path`, nearest first. */
function candidates(path, name) {
    const parents = path.split('/node_modules/');
    const nested = parents.map((_, i) => `${parents.slice(0, i + 1).join('/node_modules/')}/node_modules/${name}`);
    return [...(path ? nested : []).reverse(), `node_modules/${name}`];
}

/** The lock entry of a platform package, read off its name; undefined for any other package. */
function platformEntry(name, version, dev) {
    if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(version)) return undefined;
    const words = name.replace(/^@[^/]+\//, '').split(/[-_]/);
    const os = systems.filter((system) => words.includes(system));
    const cpu = processors.filter((processor) => words.includes(processor));
    if (os.length + cpu.length === 0) return undefined;
    const libc = [/musl/.test(name) && 'musl', /gnu/.test(name) && 'glibc'].filter((x) => x && os.includes('linux'));
    return {
        version,
        ...(cpu.length > 0 && { cpu }),
        ...(dev && { dev }),
        ...(libc.length > 0 && { libc }),
        optional: true,
        ...(os.length > 0 && { os }),
    };
}

let added = 0;
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
        if (candidates(path, name).some((candidate) => candidate in lock.packages)) continue;
        const entry = platformEntry(name, version, dev);
        if (!entry) continue;
        lock.packages[`node_modules/${name}`] = entry;
        added += 1;
    }
}

const byPath = ([a], [b]) => (a < b ? -1 : 1);
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(byPath));
writeFileSync(file, `${JSON.stringify(lock, null, indentation)}\n`);
console.log(`${file}: ${added} platform packages added`);
