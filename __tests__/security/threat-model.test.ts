import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');

interface Claim {
    readonly claim: string;
    readonly file: string;
    readonly test: string;
}

const rows = page.split('\n').filter((line) => /^\| (?!what it does|---)/.test(line));
const claims = rows.map((line): Claim => {
    const [, claim = '', file = '', test = ''] = /^\| (.+) \| \[[\w/-]+\]\((\S+)\): `(.+)` \|$/.exec(line) ?? [];
    return { claim, file, test };
});

/** The names of the tests in a file that are neither skipped nor only planned, as they stand in the code. */
function testsIn(file: string): string[] {
    const names: string[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node)) {
            const [first] = node.arguments;
            // `test(…)`, and what `test.each(…)` gives, which is called in turn.
            const isTest = /^(test|it)(\.each\b[^]*)?$/.test(node.expression.getText());
            if (isTest && first && ts.isStringLiteralLike(first)) names.push(first.text);
        }
        ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true));
    return names;
}

test('every row of the threat model names a claim and a test', () => {
    expect(claims.length).toBeGreaterThanOrEqual(40);
    expect(rows.filter((_, index) => !claims[index]?.test)).toEqual([]);
});

test.each(claims)('the test is there that shows: $claim', ({ file, test: name }) => {
    expect(existsSync(join(root, file))).toBe(true);
    expect(testsIn(file)).toContain(name);
});

test('no test about security is left out of it', () => {
    const files = readdirSync(__dirname).filter((name) => name.endsWith('.test.ts') && name !== 'threat-model.test.ts');
    expect(files.filter((name) => !page.includes(`(__tests__/security/${name})`))).toEqual([]);
});

test('each heading of an attacker has a table, and says what cannot be done', () => {
    const [, model = ''] = page.split('## Threat model');
    const attackers = model.split(/^### /m).slice(1);
    expect(attackers.length).toBeGreaterThanOrEqual(8);
    const limits = /\*\*What it cannot:\*\*|TLS is the work of/;
    expect(attackers.filter((text) => !text.includes('| what it does |') || !limits.test(text))).toEqual([]);
});

test('whatever it links to in this repository is there', () => {
    const links = [...page.matchAll(/\]\((?!https:)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(40);
    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
});
