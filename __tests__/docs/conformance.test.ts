import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

const root = join(__dirname, '../..');
const document = readFileSync(join(root, 'docs/conformance.md'), 'utf8');

interface Reference {
    readonly test: string;
    readonly file: string;
}

// A link to a test: its text is the name, or a part of it that stands as such in the file.
const references: Reference[] = [...document.matchAll(/\[([^\]]+)\]\((\.\.\/__tests__\/[^)]+)\)/g)].map(
    ([, test = '', file = '']) => ({ test: test.replaceAll('\\|', '|'), file: normalize(join('docs', file)) }),
);

const rows = document.split('\n').filter((line) => /^\| (?!---)/.test(line));

describe('docs/conformance.md', () => {
    test.each([...new Set(references.map(({ file }) => file))])('names tests that are there: %s', (file) => {
        expect(existsSync(join(root, file))).toBe(true);
        const source = readFileSync(join(root, file), 'utf8').replaceAll("\\'", "'");
        const missing = references.filter((reference) => reference.file === file && !source.includes(reference.test));
        expect(missing).toEqual([]);
    });

    test('has a test for each requirement', () => {
        const header = /^\| (requirement|feature) \|/;
        expect(rows.filter((row) => !header.test(row) && !row.includes('../__tests__/'))).toEqual([]);
        expect(references.length).toBeGreaterThan(100);
    });
});
