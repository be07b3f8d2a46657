/** What the simulated clinician knows of one topic: general knowledge in general words, for no particular patient. */
export interface Topic {
  readonly name: string;
  /** Lower-case words, any of which in the question chooses the topic. */
  readonly keywords: readonly string[];
  readonly assessment: string;
  readonly reasoning: readonly string[];
  readonly nextSteps: readonly string[];
}

export const DEFAULT_TOPIC: Topic = {
  name: 'general question',
  keywords: [],
  assessment: 'The question does not name a presentation that the simulation has rules for.',
  reasoning: [
    'Onset, course and severity decide how urgent the matter is.',
    'Current medication, allergies and kidney function narrow what is safe.',
    'Findings that do not fit the leading explanation deserve more weight than those that do.',
  ],
  nextSteps: [
    'Take a focused history and a full set of vital signs.',
    'List the two most likely and the two most dangerous explanations.',
    'Agree with the patient when and why to come back sooner.',
  ],
};

/** In order of precedence: what can kill within the hour comes first. */
export const TOPICS: readonly Topic[] = [
  {
    name: 'chest pain',
    keywords: ['chest pain', 'chest pressure', 'angina', 'troponin'],
    assessment: 'Chest pain is treated as an acute coronary syndrome until that is excluded.',
    reasoning: [
      'Pressure with exertion, radiation to the arm or jaw, and sweating raise the likelihood of ischaemia.',
      'A normal first electrocardiogram does not exclude infarction; serial troponin does so far better.',
      'Aortic dissection and pulmonary embolism need to be thought of before anticoagulation.',
    ],
    nextSteps: [
      'Record a twelve-lead electrocardiogram within ten minutes and repeat it if pain persists.',
      'Measure troponin now and again after the interval of the local assay.',
      'Estimate risk with a validated score and decide on observation or discharge with it.',
    ],
  },
  {
    name: 'fever in a child',
    keywords: [
      'child with fever',
      'fever in child',
      'febrile child',
      'infant',
      'toddler',
      'pediatric',
      'paediatric',
    ],
    assessment: 'In a child with fever, age and appearance matter more than the height of the temperature.',
    reasoning: [
      'Below three months of age a fever is a serious infection until shown otherwise.',
      'A child who drinks, plays and is consolable is less likely to be septic.',
      'A rash that does not blanch, a bulging fontanelle or fast breathing changes the urgency at once.',
    ],
    nextSteps: [
      'Measure heart rate, breathing rate, capillary refill and oxygen saturation.',
      'Test the urine when no focus is found, in young children above all.',
      'Dose antipyretics by weight, for comfort, and explain the warning signs to the carers.',
    ],
  },
  {
    name: 'medication reconciliation',
    keywords: ['reconcil', 'medication list', 'polypharmacy', 'interaction', 'discharge medication'],
    assessment: 'The lists must be compared drug by drug, with a reason for each difference.',
    reasoning: [
      'Most harm comes from anticoagulants, insulin, opioids and drugs cleared by the kidney.',
      'A drug without a current indication is a candidate for stopping, not for continuing by habit.',
      'Two prescribers often duplicate a class under different brand names.',
    ],
    nextSteps: [
      'Ask what is really taken, including what is bought without prescription.',
      'Check kidney and liver function against each dose.',
      'Write one list with indication, dose and stop date, and hand it to the patient and the next prescriber.',
    ],
  },
  {
    name: 'diabetes',
    keywords: ['diabet', 'hba1c', 'a1c', 'glucose', 'metformin', 'insulin'],
    assessment: 'Glucose control is weighed together with heart, kidney and the risk of hypoglycaemia.',
    reasoning: [
      'The target for glycated haemoglobin is individual: tighter early, looser with frailty.',
      'Heart failure, atherosclerosis or albuminuria argue for agents with proven protection of those organs.',
      'Insulin and sulfonylureas carry most of the risk of hypoglycaemia.',
    ],
    nextSteps: [
      'Review glycated haemoglobin, kidney function, albuminuria, eyes and feet.',
      'Settle first whether the present treatment is taken as prescribed.',
      'Change one drug at a time and set the date on which its effect is judged.',
    ],
  },
  {
    name: 'hypertension',
    keywords: ['hypertens', 'blood pressure', 'antihypertensive', 'systolic'],
    assessment: 'Raised blood pressure is confirmed outside the clinic before it is treated for life.',
    reasoning: [
      'Repeated standard measurements, or ambulatory ones, avoid treating a white-coat effect.',
      'Symptoms of end-organ damage turn a high reading into an emergency; a high reading alone does not.',
      'Resistance to three drugs raises the question of adherence first and of a secondary cause second.',
    ],
    nextSteps: [
      'Arrange home or ambulatory measurement and check technique and cuff size.',
      'Measure creatinine, potassium, lipids, glucose and urinary albumin.',
      'Start with one or two first-line agents and review after about four weeks.',
    ],
  },
];
