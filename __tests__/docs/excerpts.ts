import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** @param page - its path below `docs` */
export function readPage(page: string): string {
    return readFileSync(join(root, 'docs', page), 'utf8');
}

/** A file, by its path below `__tests__/docs`, as it reads where the package is installed. */
function asInstalled(file: string): string {
    const source = readFileSync(join(__dirname, file), 'utf8');
    return source.replace(/'(?:\.\.\/)+src(\/\w+)?\/index\.js'/g, (_, entry = '') => `'axios-token-creator${entry}'`);
}

/** The TypeScript of a page that stands in none of these files, and those of these files that are not on the page. */
export function differences(page: string, files: readonly string[]): { unknown: string[]; notShown: string[] } {
    const blocks = [...readPage(page).matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) => code);
    const sources = files.map(asInstalled);
    return {
        unknown: blocks.filter((block) => !sources.some((source) => source.includes(block))),
        notShown: files.filter((_, index) => !blocks.some((block) => sources[index]?.includes(block))),
    };
}

export const SAME = { unknown: [], notShown: [] };
