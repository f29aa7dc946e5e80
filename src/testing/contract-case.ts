import { checkFields, optional, typeOf, type FieldCheck, type FieldChecks } from '../options.js';
import { Breach } from './expectations.js';

/** One rule of a contract, for any test runner: `test(name, run)`. */
export interface ContractCase {
    /** The rule, as a sentence. */
    readonly name: string;
    /**
     * Tries whether it holds.
     *
     * @throws Error that tells the rule, what was expected and what came; that no answer came counts as well
     */
    readonly run: () => Promise<void>;
}

/** Options of {@link storeContract} and {@link lockContract}. */
export interface ContractOptions {
    /**
     * Milliseconds by which entries and locks may end late, by which times to live may be off, and within which there is
     * silence when nobody is to be told. Cases take up to 5 times as long, on a slow machine more, and give up after 40
     * times: give the test runner as much.
     *
     * @default 100
     */
    patience?: number;
}

/** What a rule is tried with. */
export interface Trial<T> {
    /** A client of the place that is tried. */
    readonly one: T;
    /** Another client of the same place, as another process would have it. */
    readonly other: T;
    readonly patience: number;
    /** A name that nobody used before. */
    readonly newName: () => string;
    /** Does it when the case is over, however it ended. */
    readonly afterwards: (end: () => unknown) => void;
}

export type Rule<T> = readonly [name: string, holds: (trial: Trial<T>) => Promise<void>];

/** The same rule for what has such a thing. */
export function ruleFor<T, Part>([name, holds]: Rule<Part>, partOf: (whole: T) => Part): Rule<T> {
    return [name, (trial) => holds({ ...trial, one: partOf(trial.one), other: partOf(trial.other) })];
}

/** How a place is opened, and what tells that this is one. */
export interface Opening<T> {
    readonly contract: string;
    readonly open: () => T | Promise<T>;
    readonly expected: FieldCheck;
}

const positive = (value: unknown): boolean => Number.isFinite(value) && Number(value) > 0;

export const CONTRACT_OPTIONS: FieldChecks = {
    patience: optional(['a finite number of milliseconds, above 0', positive]),
};

export function checkArguments(contract: string, open: unknown, options: unknown, checks: FieldChecks): void {
    if (typeof open !== 'function') throw new TypeError(`${contract}: open must be a function, not ${typeOf(open)}`);
    checkFields(contract, 'options', options, checks);
}

/** The cases of some rules, which share the two clients that are opened when the first of them runs. */
export function casesOf<T>(opening: Opening<T>, patience: number, rules: readonly Rule<T>[]): ContractCase[] {
    let clients: Promise<readonly [T, T]> | undefined;
    let names = 0;
    // Unique for each run, for the place may be shared with others, and with what earlier runs left there.
    const unique = `contract-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    const newName = (): string => {
        names += 1;
        return `${unique}-${names}x`; // unique without its last character, too
    };

    return rules.map(([name, holds]) => ({
        name,
        async run() {
            const ends: (() => unknown)[] = [];
            const afterwards = (end: () => unknown): void => void ends.push(end);
            const trial = async (): Promise<void> => {
                const [one, other] = await (clients ??= openTwice(opening));
                await holds({ one, other, patience, newName, afterwards });
            };
            try {
                await within(40 * patience, 'the case', trial());
                for (const end of ends) await end();
            } catch (error) {
                const what = error instanceof Breach ? error.message : `failed with ${String(error)}`;
                await Promise.allSettled(ends.map(async (end) => end()));
                throw new Error(`${opening.contract}: ${name}: ${what}`, { cause: error });
            }
        },
    }));
}

async function openTwice<T>({ open, expected: [expected, test] }: Opening<T>): Promise<readonly [T, T]> {
    const openOnce = async (): Promise<T> => {
        const opened = await open();
        if (!test(opened)) throw new TypeError(`open must give ${expected}, not ${typeOf(opened)}`);
        return opened;
    };
    return [await openOnce(), await openOnce()];
}

/** A runner's own timeout would not tell which rule it was. */
export async function within<T>(limit: number, what: string, work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const giveUp = new Promise<never>((_, reject) => {
        const late = new Breach(`${what}: expected an answer within ${limit} ms, but got none`);
        timer = setTimeout(() => reject(late), limit);
    });
    try {
        return await Promise.race([work, giveUp]);
    } finally {
        clearTimeout(timer);
    }
}
