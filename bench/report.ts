import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Figure, Spread, Target } from './measure.js';
import type { Outcome } from './pair.js';
import { OURS, type Subject } from './subject.js';

/** A figure, judged; in the form that `--json` prints. */
export interface Verdict extends Pick<Figure, 'name' | 'key' | 'unit' | 'control'> {
    readonly measured: number;
    readonly quartiles?: readonly [number, number];
    readonly rounds?: number;
    /** Of this package alone. */
    readonly target?: string;
    readonly passed?: boolean;
}

export interface Result extends Pick<Outcome, 'scenario' | 'subject' | 'outcome'> {
    readonly why?: string;
    readonly figures: readonly Verdict[];
}

export interface Report {
    readonly date: string;
    readonly machine: { readonly cpu: string; readonly cores: number; readonly memory: string; readonly os: string };
    readonly versions: Readonly<Record<string, string>>;
    readonly results: readonly Result[];
}

function judge(value: number, target: Target): { readonly target: string; readonly passed: boolean } {
    if ('atMost' in target) return { target: `<= ${target.atMost}`, passed: value <= target.atMost };
    if ('atLeast' in target) return { target: `>= ${target.atLeast}`, passed: value >= target.atLeast };
    return { target: String(target.exactly), passed: value === target.exactly };
}

function quartilesOf({ lower, upper, rounds }: Spread): Pick<Verdict, 'quartiles' | 'rounds'> {
    return { quartiles: [lower, upper], rounds };
}

function verdictOf({ name, key, unit, measured, control, target }: Figure, isOurs: boolean): Verdict {
    const value = typeof measured === 'number' ? measured : measured.median;
    return {
        name,
        key,
        unit,
        measured: value,
        ...(typeof measured === 'object' && quartilesOf(measured)),
        ...(control && { control }),
        ...(isOurs && target && judge(value, target)),
    };
}

export function resultOf({ scenario, subject, outcome, why, figures }: Outcome): Result {
    return {
        scenario,
        subject,
        outcome,
        ...(why.length > 0 && { why: why.join('; ') }),
        figures: figures.map((figure) => verdictOf(figure, subject === OURS)),
    };
}

function versionOf(root: string, name: string): string {
    const path = name === OURS ? 'package.json' : `node_modules/${name}/package.json`;
    return (JSON.parse(readFileSync(join(root, path), 'utf8')) as { version: string }).version;
}

function versionsOf(root: string, subjects: readonly Subject[]): Record<string, string> {
    const packages = new Set(['axios', ...subjects.flatMap((subject) => subject.packages)]);
    const versions = [...packages].map((name) => [name, versionOf(root, name)] as const);
    return { node: process.versions.node, ...Object.fromEntries(versions) };
}

export function reportOf(root: string, subjects: readonly Subject[], results: readonly Result[]): Report {
    return {
        date: new Date().toISOString(),
        machine: {
            cpu: cpus()[0]?.model ?? '',
            cores: cpus().length,
            memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
            os: `${type()} ${release()}`,
        },
        versions: versionsOf(root, subjects),
        results,
    };
}
