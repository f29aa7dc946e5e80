import type fc from 'fast-check';
import { createControlledClock } from '../support/clock.js';
import { AT_ONCE, USUAL, type Plan } from './actions.js';
import { lineOf, type Deed, type Effect, type Fact, type Moment } from './facts.js';
import { Model } from './model.js';

/** What happens of its own accord, beside the actions. */
export interface Script {
    readonly plans: readonly Plan[];
    /** Of all jitter. */
    readonly seed: number;
}

export interface StageOptions {
    readonly scheduler: fc.Scheduler;
    readonly script: Script;
    /** Whether each step is done to its end before the next, and what comes of it must be what the model says. */
    readonly isCompared: boolean;
    readonly passed: (transition: string) => void;
}

/** The time, the order of things, and the story of what happens. */
export class Stage {
    readonly clock = createControlledClock();
    readonly story: Fact[] = [];
    /** Where the real thing did something else than the model. */
    readonly differences: string[] = [];
    readonly model: Model | undefined;
    readonly #options: StageOptions;
    #steps = 0;
    #compared = 0;
    #next: (() => void)[] | undefined;

    constructor(options: StageOptions) {
        this.#options = options;
        if (options.isCompared) this.model = this.#createModel(options.passed);
    }

    #createModel(passed: StageOptions['passed']): Model {
        return new Model({
            now: () => this.#now(),
            random: () => this.random(),
            passed,
            endsAtOnce: (creation) => {
                const { when, ending } = this.planOf(creation);
                return when === 'at once' ? ending : undefined;
            },
        });
    }

    #now(): Moment {
        return { wall: this.clock.now(), monotonic: this.clock.monotonic() };
    }

    /** From 0 to 1; the same all through a step, and another one in the next. */
    random(): number {
        return ((this.#steps * 2_654_435_761 + this.#options.script.seed * 40_503) % 1_009) / 1_009;
    }

    planOf(creation: number): Plan {
        return this.#next ? AT_ONCE : (this.#options.script.plans[creation] ?? USUAL);
    }

    record(fact: Effect | Deed): void {
        this.story.push({ ...this.#now(), ...fact });
    }

    /** Does something that all others wait for. */
    step(deed: () => void): void {
        this.compare();
        this.#steps += 1;
        deed();
    }

    /** Does something when the scheduler says so. */
    later(label: string, deed: () => void): void {
        const next = (): void => this.step(deed);
        if (this.#next) this.#next.push(next);
        else void this.#options.scheduler.schedule(Promise.resolve(), label).then(next);
    }

    /** Whatever would come later comes next meanwhile, and creations end at once. */
    async inOrder(begin: () => void, settle: () => Promise<void>): Promise<void> {
        this.#next = [begin];
        for (const next of this.#next) {
            next();
            await settle();
        }
        this.compare();
        this.#next = undefined;
    }

    /** Compares what has come of the last step with what the model says. */
    compare(): void {
        if (!this.model) return;
        const real = linesOf(this.story.slice(this.#compared).filter(isEffect));
        const expected = linesOf(this.model.takeEffects());
        this.#compared = this.story.length;
        // What follows a difference is of no interest.
        if (real.join('\n') === expected.join('\n') || this.differences.length > 0) return;
        this.differences.push(['the model says:', ...expected, 'there was:', ...real].join('\n'));
    }
}

const EFFECTS: ReadonlySet<string> = new Set<Effect['what']>(['told', 'creator called', 'sent', 'settled']);

const isEffect = (fact: Fact): fact is Fact & Effect => EFFECTS.has(fact.what);

/** In the order in which they happened; but requests that end in the same step end in any order. */
function linesOf(effects: readonly Effect[]): string[] {
    const those = (isWanted: (effect: Effect) => boolean): string[] => effects.filter(isWanted).map(lineOf);
    return [
        ...those(({ what }) => what === 'told' || what === 'creator called'),
        ...those(({ what }) => what === 'sent'),
        ...those(({ what }) => what === 'settled').sort(),
    ];
}
