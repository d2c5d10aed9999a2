// Which model listens, and for which language.

const codes = ('af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy '
  + 'id is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk '
  + 'sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo yue zh').split(' ');

const names = new Intl.DisplayNames(['en'], { type: 'language' });

/** "de" → "German"; a name stays what it is. */
export function languageName(code) {
  if (!code) return '';
  if (code.length > 3) return code[0].toUpperCase() + code.slice(1);
  return names.of(code === 'jw' ? 'jv' : code) ?? code;
}

export class Choices {
  constructor(models, languages) {
    this.models = models;
    this.languages = languages;
    const sorted = codes.map((code) => [code, languageName(code)]).sort((a, b) => a[1].localeCompare(b[1], 'en'));
    languages.replaceChildren(...[['', 'Detect automatically'], ...sorted].map(option));
    models.addEventListener('change', () => this.#fit());
  }

  offer(ids) {
    const before = this.models.value;
    this.models.replaceChildren(...ids.map((id) => option([id, id])));
    if (ids.includes(before)) this.models.value = before;
    this.models.disabled = ids.length === 0;
    this.#fit();
  }

  get model() {
    return this.models.value;
  }

  get language() {
    return this.languages.disabled ? '' : this.languages.value;
  }

  /** Models whose name ends in .en know nothing else. */
  #fit() {
    const isEnglish = /\.en$/.test(this.models.value);
    this.languages.disabled = isEnglish;
    if (isEnglish) this.languages.value = 'en';
  }
}

function option([value, text]) {
  const element = document.createElement('option');
  element.value = value;
  element.textContent = text;
  return element;
}
