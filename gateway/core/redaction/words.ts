/** Words that stand before a person's name. */
export const TITLES = 'dr drs doctor mr mrs ms miss mx prof professor sr sra srta don dona nurse rev';

/** Roles that a name may follow directly. */
export const ROLES =
  'patient pt named name names client surname lastname firstname signed physician provider pcp surgeon attending caregiver guardian spouse wife husband son daughter mother father mom dad brother sister aunt uncle friend neighbor partner contact emergency cardiologist oncologist neurologist psychiatrist dermatologist urologist radiologist pediatrician therapist counselor colleague resident nombre apellidos medico paciente';

/** Letters of a profession that follow a name. */
export const CREDENTIALS =
  'md do rn np pa phd lpn dnp facs mbbs crna dds dpm pharmd msn bsn aprn lcsw psyd facp jr iii esq';

/** What turns a capitalised word into the name of a disease, sign, score or tool. */
export const EPONYM_TAILS =
  'disease diseases syndrome syndromes sign signs score scores scale criteria criterion catheter catheters fracture fractures lymphoma sarcoma reflex reflexes test tests testing maneuver manoeuvre procedure thyroiditis tumor tumour tumors palsy chorea esophagus oesophagus phenomenon contracture hernia node nodes stain staining classification index equation method position tube drain needle retractor law wort cyst duct trial study trials rule rules grade stage staging type lesion encephalopathy neuropathy dystrophy anemia anaemia ulcer ulcers fundoplication operation repair technique incision agreement score formula triad angina arthropathy gangrene ring rings membrane body bodies cell cells virus fever hemorrhage purpura nephropathy questionnaire inventory assessment model guideline guidelines protocol scan study effect response approach macroadenoma melanoma pouch block bridge plate nail graft flap stent forceps clamp mask bag brace collar sling splint boot stocking stockings hose lobe area areas exercises breathing respirations foundation survey risk prognostic ratio';

/** Capitalised words that are no part of a person's name, nor enough to name a place. */
export const PLAIN_CAPITALS =
  'the a an and or of in on at to for with by from as is was are were be been has have had do does did can could should would will may might must not no yes if when while where what which who whom whose why how this that these those he she it they we you i his her their our my your its him them there here then than also per via during after before since until about above below between into through over under again further once all any both each few more most other some such only own same so too very just now current currently latest updated new recent please see note notes history chief complaint present illness past medical surgical family social review systems physical exam examination assessment plan impression recommendation recommendations diagnosis diagnoses differential treatment treatments management managing medication medications allergies vital vitals signs labs laboratory results result imaging procedure procedures follow discharge admission admit admitted date dates time age sex gender male female man woman boy girl baby infant child children adult elderly patient patients pt pts doctor dr nurse physician provider hospital clinic center centre health care med medical medicine surgery surgical emergency department unit room ward floor intensive primary urgent general regional community county city state university college school institute memorial cancer heart pain wound women mens pediatric pediatrics children cardiology oncology neurology psychiatry dermatology urology radiology pathology orthopedic orthopedics orthopaedic guidelines guidance guideline criteria protocol query question best practice practices role efficacy effectiveness evaluation eval contraindications contraindication complications side effects risk risks factors prognosis causes symptoms symptom therapy therapies drug drugs dose dosage dosing interactions interaction type stage grade class level levels acute chronic severe mild moderate left right upper lower bilateral anterior posterior lateral medial proximal distal blood pressure heart rate temperature weight height bmi oxygen saturation pulse respiratory respiration cardiovascular gastrointestinal genitourinary musculoskeletal neurological neurologic psychiatric skin eyes ears nose mouth throat neck chest lungs abdomen back extremities general constitutional positive negative normal abnormal none denies reports states presents african american asian hispanic latino latina caucasian white black native european indian chinese japanese korean french german spanish english italian mexican jewish ashkenazi monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec name names first last middle maiden full phone telephone tel fax cell mobile email mail address street avenue road zip code ssn mrn dob id number no account insurance policy member group subscriber medicare medicaid license record records chart file case report summary letter consult consultation referral referred reason visit encounter service services signed signature electronically dictated transcribed attending resident mr mrs ms miss covid hiv mri ct ecg ekg icu er ed or aspirin metformin lisinopril warfarin insulin tylenol ibuprofen advil norvasc lipitor lasix heparin prednisone hello hi thanks thank dear sincerely regards today tomorrow yesterday year years month months week weeks day days hour hours daily weekly monthly north south east west northern southern eastern western central american national federal united states america usa us uk mental behavioral public private home nursing skilled assisted living long term short clinical trial trials research foundation society association academy college board council committee agency administration office company inc llc corp corporation group partners systems system network services program project division department faculty';

/** The last word of the name of a place of care. */
export const FACILITIES =
  'hospital hospitals hosp clinic clinics center centre ctr cntr medical health healthcare memorial infirmary institute hospice pavilion sanatorium sanitarium rehabilitation rehab presbyterian general mercy campus branch facility';

/** Places of care known by a name alone, as one or two words joined by a hyphen. */
export const INSTITUTIONS =
  'ucsf ucla nyu upmc uw mayo-clinic memorial-sloan memorial-sloan-kettering baylor-scott-white brigham-women johns-hopkins cedars-sinai cedar-sinai cedar-sinais mount-sinai mt-sinai mass-general massachusetts-general cleveland-clinic kaiser-permanente ny-presbyterian york-presbyterian sloan-kettering md-anderson beth-israel intermountain-health geisinger brigham-and johns-hopkin john-hopkins nyu-langone stanford-health baylor-scott emory-healthcare houston-methodist duke-health penn-medicine la-general';

/** Organisations whose name alone counts only after a word of place such as "at". */
export const SITES =
  'stanford georgetown baylor duke emory vanderbilt bellevue northwestern yale harvard columbia cornell kaiser mayo langone hopkins presbyterian tufts rush';

/** Kinds of street. */
export const STREETS =
  'street st avenue ave road rd boulevard blvd lane ln drive dr court ct circle cir place pl way terrace ter parkway pkwy highway hwy square sq trail trl turnpike pike alley row loop mews crest ridge glen forge track burg plaza run path crossing corner heights hollow meadow mill mission branch estate estates';

/** US states and territories of one word, or two joined by a hyphen. */
export const STATES =
  'alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada new-hampshire new-jersey new-mexico new-york north-carolina north-dakota ohio oklahoma oregon pennsylvania rhode-island south-carolina south-dakota tennessee texas utah vermont virginia washington west-virginia wisconsin wyoming puerto-rico';

/** Postal abbreviations of states and territories. */
export const STATE_CODES =
  'al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr vi gu aa ae ap';

/** Large cities whose name is rarely anything else. */
export const CITIES =
  'chicago houston philadelphia san-antonio san-diego san-francisco san-jose los-angeles new-york-city nyc fort-worth el-paso las-vegas new-orleans kansas-city long-beach santa-monica santa-barbara san-fran salt-lake salt-lake-city st-louis baltimore boston seattle denver detroit memphis milwaukee albuquerque tucson fresno sacramento atlanta miami minneapolis omaha tulsa oakland tampa cleveland cincinnati pittsburgh honolulu anaheim raleigh orlando newark tallahassee birmingham spokane tacoma scottsdale chandler-az brooklyn queens-ny bronx manhattan rochester syracuse knoxville chattanooga nashville louisville indianapolis jacksonville wichita shreveport springfield colorado-springs palo-alto cedar-rapids ann-arbor des-moines baton-rouge little-rock san-bernardino santa-ana santa-clara bakersfield toledo anchorage boise providence hartford worcester';

/** Cities whose name is also a person's, a disease's or a plain word: they need a word of place before them. */
export const DOUBTFUL_CITIES =
  'phoenix dallas austin madison jackson lincoln buffalo columbus charlotte arlington aurora mesa lexington richmond norfolk savannah salem eugene paris london lansing portland reno mobile cambridge oxford durham plano irving henderson riverside stockton cleveland-oh new-york washington la sf philly';

/** Words of place: what follows, if it may be a place, is one. */
export const PLACE_CUES =
  'in at to from near via outside lives live living resides residing resident moved born visited visiting visits address';

/** Words after which a bare month and day, such as 3/14, is a date. */
export const DATE_CUES =
  'on dated date dob since until till before after seen visit admitted discharged born birth birthdate evaluated';

/** Words that say that an age, or a date or year of birth, follows; people of whom one may say so; links between. */
export const AGE_CUES = 'age aged turned';
export const BIRTH_CUES = 'dob born birth birthdate birthday';
export const PERSON_CUES = 'he she';
/** Words that say that somebody lives or stays where they lead, and what stands between. */
export const HOME_CUES =
  'lives live lived living resides resided reside residing resident moved relocated relocating based hometown city town village suburb am';
export const HOME_LINKS = 'in to near from of up outside home the';
/** Whose name is told, and what stands between that and the name. */
export const NAME_OWNERS = 'my his her their your our maiden first last middle full legal preferred s';
export const NAME_LINKS = 'is was me him her them as';
/** Verbs whose object is named: "call me Ada". */
export const NAMING = 'call calls called named name';
export const CUE_LINKS = 'of was is at now about approximately around nearly almost in on year the';

/** Ages over 89 in words, and words for heat. */
export const AGE_WORDS = 'ninety nonagenarian nonagenarians centenarian centenarians temp';

/** Nouns for months and their numbers, English and Spanish. */
export const MONTHS =
  'january:1 february:2 march:3 april:4 may:5 june:6 july:7 august:8 september:9 october:10 november:11 december:12 jan:1 feb:2 mar:3 apr:4 jun:6 jul:7 aug:8 sep:9 sept:9 oct:10 nov:11 dec:12 enero:1 febrero:2 marzo:3 abril:4 mayo:5 junio:6 julio:7 agosto:8 septiembre:9 octubre:10 noviembre:11 diciembre:12';

/** Units of measure: the number before one is a quantity. */
export const MEASURES =
  'mg mcg ug kg lb lbs oz ml dl cc mm cm ft inches feet meq mmol mol iu units unit u percent bpm mmhg hz khz copies cells cfu kcal calories joules gy cgy tablets tablet pills capsules puffs drops doses';

/** What studies count. */
export const CROWDS = 'patients participants subjects people cases women men children adults';

/** Units that are plain words too, and spans of time: a short number before one is a quantity. */
export const LOOSE_UNITS =
  'g l m in times year years yr yrs month months week weeks day days hour hours hrs minutes minute min seconds sec pack packs dose steps';

/** Codes and registries that are public: the number after one names no person. */
export const PUBLIC_CODES =
  'icd icd10 icd9 snomed loinc cpt hcpcs rxnorm rxcui ndc cvx mesh pmid pmcid doi isbn issn nct atc umls cui drg oid dsm omim hgnc version';

/** What is said to someone before their name. */
export const GREETINGS = 'hi hello hey dear thanks bye goodbye morning afternoon evening welcome';
