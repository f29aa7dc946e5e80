import { elapsed, tokenOf, type Fact } from './facts.js';
import { Knowledge, type FactOf } from './knowledge.js';

/** Looks at a fact, and at what was known before it. */
type Check = (fact: Fact, known: Knowledge) => boolean;

const ofRequest = (fact: FactOf<'sent'> | FactOf<'settled'>, known: Knowledge): FactOf<'asked'> | undefined =>
    known.asked.get(fact.request);

/** What no fact of any story may do, whatever the model says. */
const FORBIDDEN: Record<string, Check> = {
    'a second creation for the same source, parameters and generation begins': (fact, known) =>
        fact.what === 'creator called' &&
        known.tokensOf(fact.source, fact.parameters).some((token) => known.underWay.has(token)),

    'a request is sent with a token of another source': (fact, known) =>
        fact.what === 'sent' &&
        fact.token !== undefined &&
        originOf(fact, known)?.source !== ofRequest(fact, known)?.source,

    'a request is sent with a token of other parameters': (fact, known) =>
        fact.what === 'sent' &&
        fact.token !== undefined &&
        originOf(fact, known)?.parameters !== ofRequest(fact, known)?.parameters,

    'a request is sent with a token of an earlier epoch': (fact, known) => {
        const origin = fact.what === 'sent' && originOf(fact, known);
        return origin ? origin.epoch !== known.epochs[origin.source] : false;
    },

    'a request is sent with a token that is known to be refused': (fact, known) =>
        fact.what === 'sent' && fact.token !== undefined && known.refused.has(fact.token),

    'a token is created in the foreground where a valid one was held': (fact, known) =>
        fact.what === 'creator called' &&
        fact.reason !== 'ahead' &&
        known.validToken(fact.source, fact.parameters, fact) !== undefined,

    'a request is sent more than three times': (fact, known) =>
        fact.what === 'sent' && (known.sendings.get(fact.request)?.length ?? 0) >= 3,

    'a request is sent again that was not refused, or cannot be repeated': (fact, known) =>
        fact.what === 'sent' &&
        known.sendings.has(fact.request) &&
        !(ofRequest(fact, known)?.canBeRepeated && known.answers.get(fact.request)?.at(-1)?.answer === 401),

    'a request is sent without a token though a source is attached': (fact, known) =>
        fact.what === 'sent' && fact.token === undefined && ofRequest(fact, known)?.source !== undefined,
};

/** Where steps come all at once, another token may have come before the failure has reached the request. */
const FORBIDDEN_ONE_BY_ONE: Record<string, Check> = {
    ...FORBIDDEN,
    'a request is sent a third time though its second token was asked for because of its refusal': (fact, known) => {
        const [, second, third] = fact.what === 'sent' ? [...(known.sendings.get(fact.request) ?? []), fact] : [];
        const asked = second && originOf(second, known)?.creation;
        return third && asked !== undefined ? asked >= Number(known.createdAtRefusal.get(third.request)) : false;
    },

    'a request fails with its creator where a valid token was held': (fact, known) => {
        if (fact.what !== 'settled' || !/^(failure|timeout|garbage|nobody)/.test(fact.by)) return false;
        const { source, parameters = '' } = ofRequest(fact, known) ?? {};
        return source !== undefined && known.validToken(source, parameters, fact) !== undefined;
    },
};

function originOf({ token }: FactOf<'sent'>, known: Knowledge) {
    return token === undefined ? undefined : known.origins.get(token);
}

const told = (story: readonly Fact[], type?: string): FactOf<'told'>[] =>
    story.filter((fact): fact is FactOf<'told'> => fact.what === 'told' && (!type || fact.event.type === type));

const count = (story: readonly Fact[], isCounted: (fact: Fact) => boolean): number => story.filter(isCounted).length;

/** What must be so at the end of each story. */
const REQUIRED: Record<string, (story: readonly Fact[]) => boolean> = {
    'every request settles, once': (story) => {
        const settled = story.filter((fact) => fact.what === 'settled').map(({ request }) => request);
        return new Set(settled).size === settled.length && settled.length === count(story, isOf('asked'));
    },

    'each call of a creator is told of just before it is made, and no other': (story) => {
        const heard = story.filter((fact) => fact.what === 'creator called' || isCreating(fact));
        return heard.every((fact, index) => {
            const [first, second] = index % 2 === 0 ? [fact, heard[index + 1]] : [heard[index - 1], fact];
            return isCreating(first) && second?.what === 'creator called' && saysTheSame(first, second);
        });
    },

    'a token is told of before it is sent': (story) =>
        [...firstSendings(story)].every(([token, index]) => {
            const origin = story.find((fact) => fact.what === 'creator called' && tokenOf(fact.creation) === token);
            const before = told(story.slice(0, index), 'created');
            return before.some((created) => origin?.what === 'creator called' && saysTheSame(created, origin));
        }),

    'each second or third sending is told of, and no other': (story) => {
        const sent = story.filter((fact) => fact.what === 'sent').map(({ request }) => request);
        return told(story, 'replayed').length === sent.length - new Set(sent).size;
    },

    'each log-out is told of': (story) => told(story, 'cleared').length === count(story, isOf('cleared')),

    'a creation is told to have ended once at most': (story) =>
        told(story, 'created').length + told(story, 'failed').length <= told(story, 'creating').length + late(story),

    'refusals cost no more creations than the budget allows': (story) => isWithinBudget(story),
};

const isOf = (what: Fact['what']) => (fact: Fact) => fact.what === what;
const isCreating = (fact: Fact | undefined): fact is FactOf<'told'> =>
    fact?.what === 'told' && fact.event.type === 'creating';

function saysTheSame({ source, parameters, event }: FactOf<'told'>, call: FactOf<'creator called'>): boolean {
    const { reason } = event as { reason?: string };
    return source === call.source && parameters === call.parameters && reason === call.reason;
}

function firstSendings(story: readonly Fact[]): Map<string, number> {
    const first = new Map<string, number>();
    story.forEach((fact, index) => {
        if (fact.what === 'sent' && fact.token && !first.has(fact.token)) first.set(fact.token, index);
    });
    return first;
}

/** A creation that nobody waits for any more has been told to fail; its token may be told of nevertheless. */
const late = (story: readonly Fact[]): number => count(story, isOf('creation given up'));

/** Ten, one more every 5 s, and one more for each second sending that helped. */
function isWithinBudget(story: readonly Fact[]): boolean {
    const replaced = new Map<string, Set<string>>();
    const helped = new Map<string, number>();
    let passed = 0;
    return story.every((fact, index) => {
        passed += Math.max(0, elapsed(story[index - 1] ?? fact, fact));
        if (fact.what !== 'told' && fact.what !== 'creator called') return true;
        const kind = `${fact.source} ${fact.parameters}`;
        if (fact.what === 'told') {
            if (fact.event.type === 'replayed' && fact.event.recovered) helped.set(kind, (helped.get(kind) ?? 0) + 1);
            return true;
        }
        if (fact.reason !== 'rejected' || fact.previous === undefined) return true;
        const tokens = (replaced.get(kind) ?? new Set()).add(fact.previous);
        replaced.set(kind, tokens);
        return tokens.size <= 10 + passed / 5_000 + (helped.get(kind) ?? 0);
    });
}

/** All of them, as they are named where they are broken. */
export const RULES = [...Object.keys(FORBIDDEN_ONE_BY_ONE), ...Object.keys(REQUIRED).map((rule) => `not so: ${rule}`)];

/** The first rule that a story breaks, and where. */
export function findViolation(story: readonly Fact[], areOneByOne: boolean): { rule: string; fact?: Fact } | undefined {
    const known = new Knowledge();
    const forbidden = Object.entries(areOneByOne ? FORBIDDEN_ONE_BY_ONE : FORBIDDEN);
    for (const fact of story) {
        for (const [rule, isBroken] of forbidden) if (isBroken(fact, known)) return { rule, fact };
        known.learn(fact);
    }
    for (const [rule, holds] of Object.entries(REQUIRED)) if (!holds(story)) return { rule: `not so: ${rule}` };
    return undefined;
}
