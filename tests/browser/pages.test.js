// What a browser makes of the HTML pages: that they load without errors under their own content security
// policy, ask nobody, stay text where a tenant is hostile, are accessible, fit a phone, and are quick.
// The pages come from `cargo test --test html_pages`. CHROMIUM names another browser.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const pages = process.env.LEVELMARK_PAGES ?? fileURLToPath(new URL('../../target/tmp/pages/', import.meta.url));
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const all = ['contoso', 'out-of-the-box', 'no-permissions', 'hostile', 'summary', 'filtered', 'trend', 'trend-hostile'];

let browser;
before(async () => { browser = await chromium.launch({ executablePath, args }); });
after(() => browser?.close());

// Opens a page and notes whatever it does that it should not.
async function open(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.noted = [];
  page.on('console', (message) => page.noted.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => page.noted.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => { page.noted.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => { if (!request.url().startsWith('file:')) page.noted.push(`request: ${request.url()}`); });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective} ${event.sample}`));
  });
  await page.goto(`file://${pages}${name}.html`);
  return page;
}

const shown = (page) => page.locator('#list .f:not([hidden])').evaluateAll(
  (checks) => checks.filter((check) => !check.closest('[hidden]')).length);
const count = (page) => page.locator('#count').textContent();

describe('every page', () => {
  for (const name of all) {
    test(`${name}: loads without errors, asks nobody, fits a phone`, async () => {
      assert.ok(existsSync(`${pages}${name}.html`), `${name}.html is missing: run cargo test --test html_pages first`);
      for (const width of [1280, 390]) {
        const page = await open(name, { viewport: { width, height: 844 } });
        await page.evaluate(() => { for (const one of document.querySelectorAll('details')) one.open = true; });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${wide} px wide on a screen of ${width} px`);
        assert.deepEqual(page.noted, []);
        assert.equal(await page.evaluate(() => window.pwned), undefined);
        assert.equal(await page.evaluate(() => performance.getEntriesByType('resource').length), 0);
        await page.context().close();
      }
    });
  }

  // The check is slow on long pages: the typical one in every look, the others in one each.
  const light = { colorScheme: 'light' };
  const dark = { colorScheme: 'dark' };
  const print = { colorScheme: 'light', media: 'print' };
  const phone = { colorScheme: 'dark', viewport: { width: 390, height: 844 } };
  const looks = { contoso: [light, dark, print, phone], hostile: [light], 'no-permissions': [dark], summary: [light, dark, print, phone],
    trend: [light, dark, print, phone] };
  for (const [name, wanted] of Object.entries(looks)) {
    for (const look of wanted) {
      test(`${name}: axe finds nothing serious (${JSON.stringify(look)})`, async () => {
        const { media, ...options } = look;
        const page = await open(name, options);
        if (media) await page.emulateMedia({ media });
        await page.evaluate(() => {
          const policies = [...document.querySelectorAll('details.p')];
          for (const one of policies.slice(0, 15)) one.open = true;
          for (const one of document.querySelectorAll('details:not(.p)')) one.open = true;
        });
        // Outside of the page's own script the policy does not hold: the debugger may evaluate.
        await page.evaluate(axe);
        const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
        const serious = result.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        assert.deepEqual(serious.map(({ id, nodes }) => [id, nodes.length, nodes[0].html, nodes[0].failureSummary]), []);
        await page.context().close();
      });
    }
  }
});

describe('the findings', () => {
  test('can be searched and filtered with the keyboard alone', async () => {
    const page = await open('contoso');
    const total = await shown(page);
    assert.match(await count(page), new RegExp(`^${total} checks of \\d+ policies$`));
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'q');
    await page.keyboard.type('INF-400-G2/no-stale');
    await page.waitForFunction(() => /^\d+ of .*, in /.test(document.querySelector('#count').textContent));
    const found = await shown(page);
    assert.ok(found >= 1 && found < 10, `${found} found`);
    assert.match(await count(page), new RegExp(`^${found} of ${total} checks, in 1 policy$`));
    await page.keyboard.press('Escape');
    assert.equal(await shown(page), total);

    await page.keyboard.press('Tab'); // the first outcome: fail
    await page.keyboard.press('Space');
    assert.equal(await page.locator('#list .f[data-o=fail]:not([hidden])').count(), 0);
    await page.keyboard.press('Space');
    assert.equal(await shown(page), total);

    await page.locator('#open-all').focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('details.p:not([open])').count(), 0);
    assert.deepEqual(page.noted, []);
    await page.context().close();
  });

  test('can be filtered by competency, level, remedy and urgency', async () => {
    const page = await open('contoso');
    await page.selectOption('#f-c', 'infrastructure');
    await page.selectOption('#f-l', '400');
    await page.selectOption('#f-r', 'fix');
    await page.check('#f-u');
    const left = await page.locator('#list .f:not([hidden])').evaluateAll((checks) => checks
      .filter((check) => !check.closest('[hidden]'))
      .map((check) => [check.closest('.area').dataset.c, check.closest('.lgroup').dataset.l, check.dataset.r,
        'u' in check.closest('.p').dataset].join()));
    assert.ok(left.length > 0);
    assert.deepEqual([...new Set(left)], ['infrastructure,400,fix,true']);
    await page.click('button[type=reset]');
    await page.waitForFunction(() => !document.querySelector('#count').textContent.includes(' of 538'));
    assert.equal(await page.locator('.area[hidden], .lgroup[hidden], .p[hidden]').count(), 0);
    await page.context().close();
  });

  test('are opened by a link, also when a filter hides them', async () => {
    const page = await open('contoso');
    await page.keyboard.press('/');
    await page.keyboard.type('nothing has these words');
    await page.waitForFunction(() => document.querySelector('#count').textContent.startsWith('0 of'));
    await page.locator('#steps a').first().click();
    await page.waitForFunction(() => document.querySelector(location.hash)?.open);
    assert.ok(await page.locator(':target').isVisible());
    await page.context().close();
  });

  test('can be read without JavaScript', async () => {
    const page = await open('contoso', { javaScriptEnabled: false });
    assert.ok(await page.locator('#filters').isHidden());
    assert.ok(await page.locator('#theme').isHidden());
    const policy = page.locator('details.p').first();
    await policy.locator('summary').first().click();
    assert.ok(await policy.locator('.f').first().isVisible());
    await page.context().close();
  });
});

describe('looks', () => {
  test('follow the system and can be switched', async () => {
    const page = await open('contoso', { colorScheme: 'dark' });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await page.click('#theme');
    const light = await background();
    assert.notEqual(dark, light);
    await page.emulateMedia({ colorScheme: 'light' });
    assert.equal(await background(), light, 'what was chosen stays');
    await page.emulateMedia({ media: 'print' });
    await page.click('#theme', { force: true }).catch(() => {});
    assert.match(await background(), /255, 255, 255/, 'paper is white');
    await page.context().close();
  });

  test('on paper everything is unfolded and no control is left', async () => {
    const page = await open('summary');
    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.locator('nav.toc').isHidden());
    await page.emulateMedia({ media: 'screen' });
    const pdf = await page.pdf({ format: 'A4', printBackground: true, preferCSSPageSize: true });
    assert.ok(pdf.length > 10_000);
    await page.context().close();
  });
});

describe('a hostile tenant', () => {
  test('stays text', async () => {
    const page = await open('hostile');
    await page.click('#open-all');
    for (const element of ['img', 'iframe', 'object', 'embed', 'base', 'link', 'form:not(#filters)', '[onerror]', '[onload]', '[style]',
      'a:not([href^="#"])', 'svg script', 'main script']) {
      assert.equal(await page.locator(element).count(), 0, element);
    }
    assert.equal(await page.locator('script').count(), 1);
    assert.ok(await page.getByText('<img src=x onerror=alert(1)>').count() > 0, 'it is shown as text');
    assert.deepEqual(page.noted, []);
    await page.context().close();
  });

  test('could not run anything if it got in', async () => {
    const page = await open('contoso');
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.pwned = 1';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="https://example.com/x" onerror="window.pwned = 1"><i style="color:red">x</i>');
    });
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    assert.ok(page.noted.some((note) => note.startsWith('console: CSP: script-src')));
    await page.context().close();
  });
});

describe('5,000 findings', () => {
  test('stay below 5 MB and open in a second', async (context) => {
    const { size } = statSync(`${pages}large.html`);
    assert.ok(size < 5_000_000, `${size} bytes`);
    let best = Infinity;
    // A busy machine gets further chances; what counts is what the page needs.
    for (let attempt = 0; attempt < 4 && best >= 1000; attempt += 1) {
      const page = await open('large');
      const times = await page.evaluate(() => {
        const [entry] = performance.getEntriesByType('navigation');
        return { interactive: entry.domInteractive, loaded: entry.loadEventEnd, painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime };
      });
      context.diagnostic(`${size} bytes; ${JSON.stringify(times)}`);
      best = Math.min(best, times.interactive);
      const search = await page.evaluate(() => {
        const start = performance.now();
        document.querySelector('#f-u').click();
        return performance.now() - start;
      });
      context.diagnostic(`a filter takes ${search.toFixed()} ms`);
      assert.equal((await count(page)).includes('of 5,000 checks'), true);
      await page.context().close();
    }
    assert.ok(best < 1000, `interactive after ${best} ms`);
  });
});
