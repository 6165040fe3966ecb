'use strict';

// The page is sent what has changed, a part at a time, and puts it in the place of what was
// there. Its parts are made by the program, which escapes all that a target sends.

const attempts = 5; // in vain, after which the process is taken for gone
const $ = id => document.getElementById(id);

let ended = 'ended' in $('live').dataset;
let failures = 0;
let source = null;

// say shows what is wrong with the connection, "" for nothing.
function say(text, over) {
  if ($('connection').textContent !== text) $('connection').textContent = text;
  $('connection').hidden = text === '';
  $('retry').hidden = !over || ended;
  $('live').classList.toggle('gone', Boolean(over));
}

function show(update) {
  ended = update.ended;
  document.title = update.title;
  for (const [id, html] of Object.entries(update.parts)) $(id).innerHTML = html;
}

// stop asks no more.
function stop(text) {
  source.close();
  source = null;
  document.title = 'over: ' + document.title;
  say(text, true);
}

function follow() {
  failures = 0;
  say('', false);
  source = new EventSource('events');
  source.addEventListener('message', event => {
    failures = 0;
    say('', false);
    show(JSON.parse(event.data));
  });
  source.addEventListener('error', () => {
    failures++;
    if (ended) stop('The process has ended. This is what the run came to; nothing is asked for any more.');
    else if (source.readyState === EventSource.CLOSED) stop('The process refuses to be followed: too many pages may do so already. These are the last figures.');
    else if (failures >= attempts) stop('The process does not answer any more: it has ended, or was stopped. These are the last figures; nothing is asked for any more.');
    else say('The process does not answer. Asking again …', false);
  });
}

$('retry').querySelector('button').addEventListener('click', follow);
follow();
