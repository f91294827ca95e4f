'use strict';
(() => {
const $ = (id) => document.getElementById(id);
const root = document.documentElement;

// Dark or light: the system's choice until someone chooses. A file:// page may have no storage.
const theme = $('theme');
const store = (value) => { try { if (value) localStorage.setItem('levelmark-theme', value); return localStorage.getItem('levelmark-theme'); } catch { return null; } };
const dark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
const label = () => { theme.textContent = dark() ? 'Light' : 'Dark'; theme.setAttribute('aria-label', 'Switch to ' + (dark() ? 'light' : 'dark') + ' colours'); };
if (theme) {
const kept = store();
if (kept === 'dark' || kept === 'light') root.dataset.theme = kept;
theme.hidden = false;
label();
theme.addEventListener('click', () => { root.dataset.theme = dark() ? 'light' : 'dark'; store(root.dataset.theme); label(); });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', label);
}

// A link to a policy opens it, also when filters hide it.
const policy = (hash) => { let id = hash.slice(1); try { id = decodeURIComponent(id); } catch { return; } const to = $(id); if (!to || !to.matches('details.p')) return; if (to.hidden && filters) { filters.reset(); } to.open = true; to.scrollIntoView(); };
const filters = $('filters');
addEventListener('hashchange', () => policy(location.hash));
document.addEventListener('click', (event) => { const link = event.target.closest && event.target.closest('a[href^="#"]'); if (link && link.hash === location.hash) policy(link.hash); });

// On paper nothing is folded.
let folded = [];
addEventListener('beforeprint', () => { folded = [...document.querySelectorAll('details:not([open])')]; for (const one of folded) one.open = true; });
addEventListener('afterprint', () => { for (const one of folded) one.open = false; folded = []; });

if (filters) {
const search = $('q'), count = $('count'), list = $('list'), opener = $('open-all');
const areas = [...list.querySelectorAll('.area')].map((area) => ({ area, c: area.dataset.c, groups: [...area.querySelectorAll('.lgroup')].map((group) => ({ group, l: group.dataset.l, policies: [...group.querySelectorAll('.p')].map((policy) => ({ policy, u: 'u' in policy.dataset, head: null, checks: null })) })) }));
const look = (one) => { if (one.checks) return; one.checks = [...one.policy.querySelectorAll('.f')].map((check) => ({ check, o: check.dataset.o, r: check.dataset.r || '', text: null })); };
const total = list.querySelectorAll('.f').length;
const text = (node) => node.textContent.toLowerCase().replace(/\s+/g, ' ');
const head = (one) => one.head ??= text(one.policy.querySelector('summary')) + ' ' + [...one.policy.querySelectorAll('.pb > p')].map(text).join(' ');
const format = (n) => n.toLocaleString('en');
const apply = () => {
const outcomes = new Set([...filters.querySelectorAll('[name=o]:checked')].map((box) => box.value));
const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
const c = $('f-c').value, l = $('f-l').value, r = $('f-r').value, u = $('f-u').checked;
let checks = 0, policies = 0;
for (const area of areas) {
let any = false;
for (const group of area.groups) {
let some = false;
for (const one of group.policies) {
let seen = 0;
if ((!c || area.c === c) && (!l || group.l === l) && (!u || one.u)) {
look(one);
for (const check of one.checks) {
let fits = outcomes.has(check.o) && (!r || check.r === r);
if (fits && words.length) { const inHead = head(one); check.text ??= text(check.check); fits = words.every((word) => inHead.includes(word) || check.text.includes(word)); }
if (check.check.hidden === fits) check.check.hidden = !fits;
if (fits) seen += 1;
}
}
if (one.policy.hidden === seen > 0) one.policy.hidden = !seen;
if (seen) { some = true; policies += 1; checks += seen; }
}
group.group.hidden = !some;
any ||= some;
}
area.area.hidden = !any;
}
count.textContent = checks === total ? format(total) + ' checks of ' + format(policies) + ' policies' : format(checks) + ' of ' + format(total) + ' checks, in ' + format(policies) + (policies === 1 ? ' policy' : ' policies');
};
let timer = 0;
search.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(apply, 120); });
filters.addEventListener('change', apply);
filters.addEventListener('submit', (event) => event.preventDefault());
filters.addEventListener('reset', () => setTimeout(apply));
opener.addEventListener('click', () => { const open = opener.textContent === 'Open all'; for (const one of list.querySelectorAll('.p:not([hidden])')) one.open = open; opener.textContent = open ? 'Close all' : 'Open all'; });
document.addEventListener('keydown', (event) => {
if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.matches('input, select, textarea')) { event.preventDefault(); search.focus(); search.select(); }
if (event.key === 'Escape' && event.target === search && search.value) { search.value = ''; apply(); }
});
filters.hidden = false;
count.textContent = format(total) + ' checks of ' + format(list.querySelectorAll('.p').length) + ' policies';
}
policy(location.hash);
})();
