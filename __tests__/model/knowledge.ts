import { elapsed, tokenOf, type Fact, type Moment, type SourceName } from './facts.js';

export type FactOf<What extends Fact['what']> = Extract<Fact, { what: What }>;

/** Where a token comes from. */
interface Origin {
    readonly creation: number;
    readonly source: SourceName;
    readonly parameters: string;
    /** How often its source had been cleared before its creator was called. */
    readonly epoch: number;
    readonly called: Moment;
}

/** What somebody who reads a story knows of its tokens so far. */
export class Knowledge {
    readonly epochs = { A: 0, B: 0 };
    readonly origins = new Map<string, Origin>();
    readonly asked = new Map<number, FactOf<'asked'>>();
    readonly sendings = new Map<number, FactOf<'sent'>[]>();
    readonly answers = new Map<number, FactOf<'answered'>[]>();
    /** How many creations had begun when a request was refused first. */
    readonly createdAtRefusal = new Map<number, number>();
    /** Of these the source said that they should not be sent again. */
    readonly refused = new Set<string>();
    /** Creations that neither ended nor were given up. */
    readonly underWay = new Set<string>();
    readonly #lifetimes = new Map<string, number>();
    readonly #sent = new Set<string>();

    learn(fact: Fact): void {
        switch (fact.what) {
            case 'creator called': {
                const { creation, source, parameters } = fact;
                const epoch = this.epochs[source];
                this.origins.set(tokenOf(creation), { creation, source, parameters, epoch, called: fact });
                this.underWay.add(tokenOf(creation));
                break;
            }
            case 'creation ended':
                this.underWay.delete(tokenOf(fact.creation));
                if (fact.ending.with === 'grant')
                    this.#lifetimes.set(tokenOf(fact.creation), fact.ending.lifetime ?? Infinity);
                break;
            case 'creation given up':
                this.underWay.delete(tokenOf(fact.creation));
                break;
            case 'asked':
                this.asked.set(fact.request, fact);
                break;
            case 'sent':
                this.sendings.set(fact.request, [...(this.sendings.get(fact.request) ?? []), fact]);
                if (fact.token) this.#sent.add(fact.token);
                break;
            case 'answered':
                this.answers.set(fact.request, [...(this.answers.get(fact.request) ?? []), fact]);
                if (fact.answer === 401 && !this.createdAtRefusal.has(fact.request))
                    this.createdAtRefusal.set(fact.request, this.origins.size);
                break;
            case 'refused':
                if (fact.isPermitted) this.refused.add(fact.token);
                break;
            case 'cleared':
                this.epochs[fact.source] += 1;
                break;
            case 'told':
            case 'settled':
        }
    }

    /** Those of the present epoch. */
    tokensOf(source: SourceName, parameters: string): string[] {
        const isIts = (origin: Origin): boolean =>
            origin.source === source && origin.parameters === parameters && origin.epoch === this.epochs[source];
        return [...this.origins].filter(([, origin]) => isIts(origin)).map(([token]) => token);
    }

    /** A token that was sent before and is good still. */
    validToken(source: SourceName, parameters: string, now: Moment): string | undefined {
        const newest = this.tokensOf(source, parameters)
            .filter((token) => this.#lifetimes.has(token))
            .at(-1);
        if (newest === undefined || !this.#sent.has(newest) || this.refused.has(newest)) return undefined;
        const lifetime = this.#lifetimes.get(newest) ?? 0;
        const { called = now } = this.origins.get(newest) ?? {};
        const leeway = Math.min(10_000, lifetime / 10);
        return lifetime === Infinity || elapsed(called, now) < lifetime - leeway ? newest : undefined;
    }
}
