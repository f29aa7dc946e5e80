import { storeContract, type ContractCase } from '../../src/testing/index.js';
import { createPlace, openModelStore, type Place, type Store } from './model-store.js';

/** What a store does wrong: replaces some of what a right one does. */
export type Mutation = (store: Store, place: Place) => Partial<Store>;

/** Which rules do not hold, and what the cases say of that. All are tried at once. */
export async function failuresOf(cases: readonly ContractCase[]): Promise<[rule: string, message: string][]> {
    const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
    return cases.flatMap(({ name }, index) => {
        const outcome = outcomes[index];
        return outcome?.status === 'rejected' ? [[name, (outcome.reason as Error).message] as [string, string]] : [];
    });
}

/** For `it.concurrent.each`, which is a test runner as any other: most cases mostly wait. */
export function rowsOf(cases: readonly ContractCase[]): [name: string, run: ContractCase['run']][] {
    return cases.map(({ name, run }) => [name, run]);
}

export async function expectToHold(run: ContractCase['run']): Promise<void> {
    await expect(run()).resolves.toBeUndefined();
}

/** The whole contract for a store that does something wrong. */
function contractOf(mutation: Mutation): ContractCase[] {
    const place = createPlace();
    const open = (): Store => {
        const store = openModelStore(place);
        return { ...store, ...mutation(store, place) };
    };
    return storeContract(open, { patience: 50 });
}

/** It breaks those rules, and no other. */
export async function expectToBreak(mutation: Mutation, rules: readonly string[]): Promise<void> {
    const failures = await failuresOf(contractOf(mutation));

    expect(failures.map(([rule]) => rule)).toEqual(rules);
    for (const [rule, message] of failures) {
        const [, what] = message.split(`storeContract: ${rule}: `);
        expect(what).toMatch(/: expected .+ but got |^failed with Error: /);
    }
}

/** Nobody knows of a case that never failed what it is good for. */
export function expectAllToHaveFailed(cases: readonly ContractCase[], breaks: Record<string, readonly string[]>): void {
    const broken = new Set(Object.values(breaks).flat());
    expect(cases.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
}
