import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

interface Found {
    readonly file: string;
    readonly literal: string;
    readonly pattern: RegExp;
}

const SRC = join(__dirname, '../../src');

/** The TypeScript files below `src`. */
function sourceFiles(): { name: string; text: string }[] {
    return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .sort()
        .map((name) => ({ name, text: readFileSync(join(SRC, name), 'utf8') }));
}

const trees = sourceFiles().map(
    ({ name, text }) => [name, ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)] as const,
);

/** Visits each node of the syntax trees of the sources. */
export function visitSources(visit: (node: ts.Node, file: string) => void): void {
    for (const [name, tree] of trees) {
        const walk = (node: ts.Node): void => {
            visit(node, name);
            ts.forEachChild(node, walk);
        };
        walk(tree);
    }
}

/** Every regular expression that is written in the sources. */
export function regularExpressions(): Found[] {
    const found: Found[] = [];
    visitSources((node, file) => {
        if (node.kind !== ts.SyntaxKind.RegularExpressionLiteral) return;
        const literal = node.getText();
        const end = literal.lastIndexOf('/');
        found.push({ file, literal, pattern: new RegExp(literal.slice(1, end), literal.slice(end + 1)) });
    });
    return found;
}
