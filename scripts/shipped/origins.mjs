import { posix } from 'node:path';

const isCode = (file) => /\.c?js$/.test(file);
const isDeclaration = (file) => /\.d\.c?ts$/.test(file);

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/g;
const withoutComments = (text) => text.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

/** The file that a relative specifier leads to: declarations name the code beside which they stand. */
function target(file, specifier) {
    const path = posix.join(posix.dirname(file), specifier);
    return isDeclaration(file) ? path.replace(/\.(c?)js$/, '.d.$1ts') : path;
}

/** What the shipped code and declarations import that is neither theirs, nor of this package or its peers. */
export function foreignImports(files, read, known) {
    const isKnown = (file, specifier) =>
        /^\.\.?\//.test(specifier)
            ? files.includes(target(file, specifier))
            : known.some((name) => specifier === name || specifier.startsWith(`${name}/`));
    return files
        .filter((file) => isCode(file) || isDeclaration(file))
        .flatMap((file) =>
            [...withoutComments(read(file)).matchAll(SPECIFIER)]
                .map(([, , specifier]) => specifier)
                .filter((specifier) => !isKnown(file, specifier))
                .map((specifier) => `${file} imports ${specifier}`),
        );
}

/** An entry that only passes on what others export is made of no source. */
const isEmpty = (code) => !/\S/.test(withoutComments(code).replace(/^(?:import|export \{)[^;]*;$/gm, ''));

/** What the shipped code was made of, by its source maps, that is not in src. */
export function foreignSources(files, read) {
    return files
        .filter(isCode)
        .filter((file) => file.startsWith('dist/'))
        .flatMap((file) => {
            const map = `${file}.map`;
            if (!files.includes(map)) return [`${file} has no source map, which would tell what it is made of`];
            const { sources } = JSON.parse(read(map));
            if (sources.length === 0 && !isEmpty(read(file))) return [`${map} tells of no source`];
            return sources
                .map((source) => posix.join(posix.dirname(map), source))
                .filter((source) => !source.startsWith('src/') || source.includes('/node_modules/'))
                .map((source) => `${file} is made of ${source}`);
        });
}
