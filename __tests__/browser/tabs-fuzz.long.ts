import { describeWithChromium } from '../support/chromium.js';
import { wait } from '../support/servers.js';
import { granted, useTabs, type HeldRequest, type Outcome, type Tab } from '../support/tabs.js';

const seeds = (process.env['TABS_SEEDS'] ?? '1,2,3,4').split(',').map(Number);
const steps = Number(process.env['TABS_STEPS'] ?? 40);
const lockDuration = 1_500;
const mostTabs = 5;
const MINUTE = 60_000;

/** mulberry32 */
function randomBy(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

interface OpenTab {
    readonly tab: Tab;
    readonly number: number;
    /** Playwright may never tell what was asked of a tab that crashed. */
    readonly left: Promise<Outcome>;
    readonly leave: () => void;
    isFrozen: boolean;
}

const LEFT: Outcome = { error: { name: 'Left', message: 'the tab is gone' } };

const urlOf = (number: number) => `/oauth2/token?tab=${number}`;

/** Those of tabs that were left, of log-outs, and of requests that a frozen tab lost. */
function isExpected(error: Outcome['error']): boolean {
    return error?.name === 'Left' || error?.code === 'cleared' || error?.code === 'network';
}

describeWithChromium('tabs in which anything may happen at any time', () => {
    const tabs = useTabs({ areHidden: true });
    let random: () => number;
    let open: OpenTab[];
    let log: string[];
    let asked: Promise<Outcome>[];
    let opened: number;

    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const awake = () => open.filter(({ isFrozen }) => !isFrozen);
    const settingsOf = (number: number) => ({
        lockDuration,
        tokenEndpoint: tabs.origin + urlOf(number),
    });
    const heldOf = ({ number }: OpenTab) =>
        tabs.held.filter((request) => !gone.has(request) && request.url === urlOf(number));
    let gone: Set<HeldRequest>;
    let lost: Set<string>;

    async function openTab(): Promise<void> {
        const number = ++opened;
        let isGone!: () => void;
        const left = new Promise<Outcome>((resolve) => (isGone = () => resolve(LEFT)));
        open.push({ tab: await tabs.open(settingsOf(number)), number, left, leave: isGone, isFrozen: false });
    }

    function ask({ tab, left }: OpenTab): void {
        asked.push(Promise.race([tab.request().catch(() => LEFT), left]));
    }

    /**
     * A tab that is left after the server took its refresh token takes the next one along, and nothing can be done about
     * that. So nothing passes meanwhile, and what it was about to send is lost.
     */
    async function apart(one: OpenTab, act: () => Promise<unknown>): Promise<void> {
        tabs.holdNext = Infinity;
        await one.tab.until(async () => !(await one.tab.call('isCreating')) || heldOf(one).length > 0);
        lost.add(urlOf(one.number));
        await act();
        tabs.holdNext = 0;
        for (const request of heldOf(one)) drop(request);
        for (const request of tabs.held.filter((each) => !gone.has(each))) {
            gone.add(request);
            void request.letGo().catch(() => undefined);
        }
    }

    function drop(request: HeldRequest): void {
        gone.add(request);
        request.lose();
    }

    async function leave(one: OpenTab, how: 'close' | 'crash'): Promise<void> {
        await apart(one, () => one.tab[how]());
        one.leave();
        open = open.filter((each) => each !== one);
    }

    async function resume(one: OpenTab): Promise<void> {
        lost.delete(urlOf(one.number));
        await one.tab.resume();
        one.isFrozen = false;
    }

    async function logInAgain(one: OpenTab): Promise<void> {
        await one.tab.call('logIn', await tabs.newSession());
        await one.tab.request();
    }

    const actions: Record<string, { weight: number; act: () => unknown }> = {
        request: { weight: 8, act: () => ask(pick(awake())) },
        requestInAll: { weight: 3, act: () => awake().forEach(ask) },
        revoke: { weight: 3, act: () => tabs.provider.revokeAccessTokens() },
        expire: { weight: 3, act: () => pick(awake()).tab.call('expire') },
        wait: { weight: 3, act: () => wait(random() * 100) },
        open: { weight: 2, act: () => open.length < mostTabs && openTab() },
        close: { weight: 1, act: () => awake().length > 1 && leave(pick(awake()), 'close') },
        crash: { weight: 1, act: () => awake().length > 1 && leave(pick(awake()), 'crash') },
        freeze: {
            weight: 2,
            async act() {
                const hidden = [];
                for (const one of awake()) {
                    if (await one.tab.page.evaluate(() => document.visibilityState === 'hidden')) hidden.push(one);
                }
                if (hidden.length === 0 || awake().length < 2) return;
                const one = pick(hidden);
                await apart(one, () => one.tab.freeze());
                one.isFrozen = true;
            },
        },
        resume: {
            weight: 2,
            async act() {
                const frozen = open.filter(({ isFrozen }) => isFrozen);
                if (frozen.length > 0) await resume(pick(frozen));
            },
        },
        logOut: {
            weight: 1,
            async act() {
                await pick(awake()).tab.call('clear');
                if (random() < 0.5) await wait(random() * 50);
                await logInAgain(pick(awake()));
            },
        },
    };
    const bag = Object.entries(actions).flatMap(([name, { weight }]) => Array<string>(weight).fill(name));

    it.each(seeds)(
        'no refresh token comes twice, and in the end all have a token: seed %d',
        async (seed) => {
            random = randomBy(seed);
            [open, log, asked, opened, gone, lost] = [[], [], [], 0, new Set(), new Set()];
            tabs.isLost = (url) => lost.has(url);
            for (let index = 0; index < 3; index += 1) await openTab();
            await logInAgain(open[0]!);

            for (let step = 0; step < steps; step += 1) {
                const name = pick(bag);
                log.push(name);
                await actions[name]?.act();
            }
            for (const one of open) if (one.isFrozen) await resume(one);
            const outcomes = await Promise.all(asked);
            await logInAgain(open[0]!);
            // Whoever met two revocations in a row took the API for one that refuses every token.
            for (const { tab } of open) await tab.call('pass', MINUTE);
            tabs.provider.revokeAccessTokens();
            const before = tabs.refreshes.length;
            const last = await Promise.all(open.map(({ tab }) => tab.request()));
            const report = { seed, log: log.join(' ') };
            expect({ ...report, last }).toEqual({ ...report, last: open.map(() => granted) });
            expect({ ...report, refreshes: tabs.refreshes.length }).toEqual({ ...report, refreshes: before + 1 });
            const used = tabs.refreshes.map(({ fields, status }) => ({ token: fields.get('refresh_token'), status }));
            const twice = used.filter(({ token }, index) => used.findIndex((each) => each.token === token) !== index);
            expect({ ...report, twice }).toEqual({ ...report, twice: [] });
            expect({ ...report, refused: used.filter(({ status }) => status !== 200) }).toEqual({
                ...report,
                refused: [],
            });
            const odd = outcomes.filter(({ status, error }) => status === undefined && !isExpected(error));
            expect({ ...report, odd }).toEqual({ ...report, odd: [] });
        },
        30_000,
    );
});
