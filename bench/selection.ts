import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Pair } from './pair.js';
import { SCENARIOS } from './scenarios/index.js';
import type { Subject } from './subject.js';

/** Finds the file that exports each subject; in the order of the subjects. */
export async function filesOf(root: string, subjects: readonly Subject[]): Promise<Map<Subject, string>> {
    const directory = join(root, 'bench/subjects');
    const found = new Map<Subject, string>();
    for (const name of readdirSync(directory)) {
        if (!name.endsWith('.ts') || name === 'index.ts') continue;
        const exported = (await import(pathToFileURL(join(directory, name)).href)) as Record<string, unknown>;
        const own = subjects.find((subject) => Object.values(exported).includes(subject));
        if (own) found.set(own, name.replace(/\.ts$/, ''));
    }
    return new Map(subjects.map((subject) => [subject, fileOf(subject, found)]));
}

function fileOf(subject: Subject, found: ReadonlyMap<Subject, string>): string {
    const file = found.get(subject);
    if (file === undefined) throw new Error(`no file in bench/subjects exports the subject ${subject.name}`);
    return file;
}

/** `scenario`, `scenario:subject` or `:subject`, several of them between commas; beginnings of names suffice. */
function isWanted(only: string, scenario: string, subject: string): boolean {
    return only.split(',').some((each) => {
        const [wantedScenario = '', wantedSubject = ''] = each.split(':');
        return scenario.startsWith(wantedScenario) && subject.startsWith(wantedSubject);
    });
}

/** All pairs of a scenario and a subject, or those that are wanted. */
export function pairsOf(files: ReadonlyMap<Subject, string>, only: string): Pair[] {
    const pairs = Object.entries(SCENARIOS).flatMap(([name, scenario]) =>
        [...files]
            .filter(([subject]) => isWanted(only, name, subject.name))
            .map(([subject, file]): Pair => ({ name, scenario, subject, file })),
    );
    if (pairs.length > 0) return pairs;
    const subjects = [...files.keys()].map(({ name }) => name);
    throw new Error(`--only: there are ${Object.keys(SCENARIOS).join(', ')}; and of subjects ${subjects.join(', ')}`);
}
