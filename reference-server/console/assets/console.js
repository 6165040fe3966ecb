'use strict';

// The page asks the server once a second for what has changed, and shows it. What users and
// messages contain is only ever set as text.

const token = new URLSearchParams(location.hash.slice(1)).get('token');
const interval = 1000; // ms
const keptEvents = 200;
const transports = ['tcp', 'ws', 'udp'];

const $ = id => document.getElementById(id);

// element makes an element with a text or with children.
function element(name, content, className) {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (Array.isArray(content)) e.append(...content);
  else e.textContent = content ?? '';
  return e;
}

function clock(ms) {
  const at = new Date(ms);
  const e = element('time', at.toLocaleTimeString([], { hour12: false }));
  e.dateTime = at.toISOString();
  e.title = at.toLocaleString();
  return e;
}

// ask makes a call, and returns its answer; the error has what the server says.
async function ask(method, path, parameters, body) {
  const query = parameters ? '?' + new URLSearchParams(parameters) : '';
  const headers = {};
  if (token) headers.Authorization = 'Bearer ' + token;
  if (body) headers['Content-Type'] = 'application/json';
  const response = await fetch(path + query, { method, headers, body: body && JSON.stringify(body), cache: 'no-store' });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : null;
  if (!response.ok) throw new Error(answer?.error ?? `status ${response.status}`);
  return answer;
}

// What the page shows.
const view = { after: 0, next: 0, user: '', lastEvent: 0, modes: {} };

function showStatus(status) {
  view.modes = status.senseMode;
  const served = transports.filter(t => status.listen[t]);
  $('server').textContent = [`${status.name} ${status.version}`,
    ...served.map(t => `${t} on ${status.listen[t]}, sense mode ${status.senseMode[t]}`)].join(' · ');
  fill($('online'), served.map(t => [`online on ${t}`, status.online[t]]));
  fill($('counters'), Object.entries(status.events));
  const choice = document.querySelector('#login [name=transport]');
  if (choice.options.length !== served.length) choice.replaceChildren(...served.map(t => new Option(t, t)));
}

function fill(list, entries) {
  list.replaceChildren(...entries.map(([name, value]) =>
    element('div', [element('dt', name), element('dd', value.toLocaleString('en'))])));
}

function showSessions(answer) {
  view.next = answer.next ?? 0;
  $('next').disabled = !view.next;
  $('sessions-title').textContent = `Who is online (${answer.online.toLocaleString('en')})`;
  $('sessions').replaceChildren(...answer.sessions.map(s => {
    const choose = element('button', 'Choose');
    choose.type = 'button';
    choose.setAttribute('aria-label', `Choose ${s.user}`);
    choose.addEventListener('click', () => {
      document.querySelector('#push [name=to]').value = s.user;
      document.querySelector('#kick [name=user]').value = s.user;
    });
    return element('tr', [element('td', s.user), element('td', s.transport), element('td', [clock(s.since)]),
      element('td', s.senseMode), element('td', s.address), element('td', [choose])]);
  }));
}

const stateWords = { connecting: 'connecting', online: 'online', over: 'over' };

// said puts what happened to a client into words.
function said(note) {
  const about = note.text ? `: ${note.text}` : '';
  switch (note.what) {
    case 'login': return note.code ? `login refused with code ${note.code}` : 'logged in';
    case 'logout': return 'logged out';
    case 'sent': return `sent to ${note.peer}${about}`;
    case 'message': return `received from ${note.peer}${about}`;
    case 'received': return `ACK for the message to ${note.peer}`;
    case 'lost': return `lost, no ACK from ${note.peer}${about}`;
    case 'kickout': return `kicked out with code ${note.code}${about}`;
    case 'linkclose': return 'the connection is broken: it logs in again';
    case 'error': return `the server answered with error ${note.code}`;
  }
  return note.what;
}

function showClients(clients) {
  const choice = document.querySelector('#send [name=username]');
  const chosen = choice.value;
  const online = clients.filter(c => c.state !== 'over').map(c => c.username);
  if (online.join('\n') !== [...choice.options].map(o => o.value).join('\n')) {
    choice.replaceChildren(...online.map(u => new Option(u, u)));
    if (online.includes(chosen)) choice.value = chosen;
  }
  if (clients.length === 0) return;
  $('clients').replaceChildren(...clients.slice().reverse().map(c => {
    const card = element('div', [
      element('h3', [`${c.username} on ${c.transport}: `, element('span', stateWords[c.state], c.state), c.acks ? '' : ', acknowledges nothing']),
      element('ol', c.notes.slice().reverse().map(n => element('li', [clock(n.at), element('span', said(n), n.what)]))),
    ], 'client');
    card.dataset.user = c.username;
    return card;
  }));
}

// happened puts an event into words.
function happened(e) {
  const m = e.message;
  const text = m ? `${m.from} → ${m.to}: ${m.dataContent ?? ''}` : '';
  switch (e.event) {
    case 'verify': return e.code ? `login refused with code ${e.code}` : 'login accepted';
    case 'login': return 'is logged in';
    case 'logout': return e.code === -1 ? 'session ended' : `session ended, kicked with code ${e.code}`;
    case 'c2s': return `to the server: ${text}`;
    case 'c2c': return `written to the receiver: ${text}`;
    case 'offline': return `not delivered, ${e.code ? 'stored' : 'not stored'}: ${text}`;
    case 'lost': return `no ACK in time: ${text}`;
    case 'received': return `ACK for ${e.fp}`;
  }
  return text;
}

function showEvents(answer) {
  if (answer.last < view.lastEvent) $('events').replaceChildren(); // the server has started again
  view.lastEvent = answer.last;
  $('events').prepend(...answer.events.reverse().map(e => {
    const row = element('tr', [element('td', e.seq, 'number'), element('td', [clock(e.at / 1e6)]),
      element('td', e.event, e.event), element('td', e.user ?? ''), element('td', happened(e))]);
    row.dataset.event = e.event;
    return row;
  }));
  while ($('events').children.length > keptEvents) $('events').lastChild.remove();
}

let running = null; // the refresh that is under way

// refresh asks for everything and shows it.
function refresh() {
  running ??= (async () => {
    try {
      showStatus(await ask('GET', 'api/status'));
      showClients((await ask('GET', 'api/clients')).clients);
      showSessions(await ask('GET', 'api/sessions', view.user ? { user: view.user } : { after: view.after, limit: 50 }));
      showEvents(await ask('GET', 'api/events', { after: view.lastEvent, limit: keptEvents }));
      $('trouble').hidden = true;
    } catch (error) {
      $('trouble').textContent = error instanceof TypeError ? 'The server does not answer.' : error.message;
      $('trouble').hidden = false;
    } finally {
      running = null;
    }
  })();
  return running;
}

async function keepFresh() {
  if (!document.hidden) await refresh();
  setTimeout(keepFresh, interval);
}

// act makes a call, says how it went, and shows what has changed.
async function act(call, done) {
  const output = $('done');
  try {
    const answer = await call();
    output.textContent = done(answer);
    output.className = '';
  } catch (error) {
    output.textContent = error.message;
    output.className = 'bad';
  }
  await running;
  await refresh();
}

function onSubmit(id, call, done) {
  $(id).addEventListener('submit', event => {
    event.preventDefault();
    const form = event.target.elements;
    const fields = {};
    for (const field of form) if (field.name) fields[field.name] = field.type === 'checkbox' ? field.checked : field.value;
    act(() => call(fields), answer => done(fields, answer));
  });
}

onSubmit('login', f => ask('POST', 'api/loginConnect', f), f => `${f.username} is logged in.`);
onSubmit('send', f => ask('POST', 'api/sendMsg', f), f => `Sent to ${f.friendId}.`);
onSubmit('push', f => ask('POST', 'v1/s2c', null, f), f => `Pushed to ${f.to}.`);
onSubmit('kick', f => ask('POST', 'v1/kick', null, { user: f.user, code: Number(f.code), reason: f.reason }), f => `Kicked ${f.user}.`);
$('logout').addEventListener('click', () => {
  const username = document.querySelector('#send [name=username]').value;
  act(() => ask('POST', 'api/logout', { username }), () => `${username} is logged out.`);
});
$('find').addEventListener('submit', event => {
  event.preventDefault();
  view.user = event.target.elements.user.value.trim();
  view.after = 0;
  refresh();
});
$('first').addEventListener('click', () => { view.after = 0; refresh(); });
$('next').addEventListener('click', () => { view.after = view.next; refresh(); });

keepFresh();
